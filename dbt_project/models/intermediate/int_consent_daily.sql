{% set keys = ['company_id', 'event_date', '_dlt_load_id'] %}
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_groups',
        on_schema_change='fail',
        meta={'layout': 2},
        unique_key=keys,
        groups_of='int_day_loads',
        indexes=[{'columns': keys + ['domain', 'country_code', 'device_type', 'sdk_type', 'event_type', 'consent_status', 'action'], 'unique': true}],
    )
}}

with events as (

    select * from {{ ref('fct_events') }}

),

groups_to_add as (

    {{ groups_to_build(ref('int_day_loads'), keys) }}

),

events_to_add as (

    select
        events.*,
        groups_to_add.group_version
    from events
    inner join groups_to_add
        on {{ same_group('events', 'groups_to_add', keys) }}

),

aggregated as (

    select
        company_id,
        event_date,
        _dlt_load_id,
        group_version,
        domain,
        country_code,
        device_type,
        sdk_type,
        event_type,
        consent_status,
        action,
        count(*) as event_row_count,
        count(user_id) as identified_row_count,
        {{ weight_sums() }}
    from events_to_add
    group by
        company_id, event_date, _dlt_load_id, group_version, domain,
        country_code, device_type, sdk_type, event_type, consent_status, action

)

select * from aggregated
