{% set keys = ['company_id', 'event_date', '_dlt_load_id'] %}
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_groups',
        on_schema_change='fail',
        unique_key=keys,
        groups_of='int_day_loads',
        indexes=[{'columns': keys + ['_source_file', 'hour_at', 'experiment', 'event_type', 'consent_status', 'action'], 'unique': true}],
    )
}}

with groups_to_add as (

    {{ groups_to_build(ref('int_day_loads'), keys) }}

),

events_to_add as (

    select
        events.*,
        {{ utc_hour('events.event_at') }} as hour_at,
        groups_to_add.group_version
    from {{ ref('fct_events') }} as events
    inner join groups_to_add
        on {{ same_group('events', 'groups_to_add', keys) }}

),

aggregated as (

    select
        company_id,
        event_date,
        _dlt_load_id,
        group_version,
        _source_file,
        hour_at,
        experiment,
        event_type,
        consent_status,
        action,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at,
        count(*) as event_row_count,
        {{ weight_sums() }}
    from events_to_add
    group by
        company_id, event_date, _dlt_load_id, group_version, _source_file,
        hour_at, experiment, event_type, consent_status, action

)

select * from aggregated
