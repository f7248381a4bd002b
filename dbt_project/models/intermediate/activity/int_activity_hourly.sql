{% set keys = ['company_id', 'event_date', '_dlt_load_id'] %}
{% set setting = ['region', 'device_type', 'deployment_id'] %}
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_groups',
        on_schema_change='fail',
        meta={'layout': 2},
        unique_key=keys,
        groups_of='int_day_loads',
        indexes=[{'columns': keys + ['_source_file', 'hour_at', 'experiment', 'event_type', 'consent_status', 'action'] + setting, 'unique': true}],
    )
}}

with groups_to_add as (

    {{ groups_to_build(ref('int_day_loads'), keys) }}

),

tcf_countries as (

    select country_code from {{ ref('countries') }}
    where is_eea_uk_ch

),

other_countries as (

    select country_code from {{ ref('countries') }}
    where not is_eea_uk_ch

),

events_to_add as (

    select
        events.company_id,
        events.event_date,
        events._dlt_load_id,
        groups_to_add.group_version,
        events._source_file,
        {{ utc_hour('events.event_at') }} as hour_at,
        events.experiment,
        events.event_type,
        events.consent_status,
        events.action,
        {% set tells = "events.event_type in ('consent.asked', 'consent.given')" -%}
        case when {{ tells }} then {{ tcf_region('events.country_code', 'tcf_countries', 'other_countries') }} end as region,
        case when {{ tells }} then events.device_type end as device_type,
        case when {{ tells }} then events.deployment_id end as deployment_id,
        events.event_at,
        events.reported_count,
        events.sampling_rate
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
        {{ setting | join(', ') }},
        min(event_at) as first_event_at,
        max(event_at) as last_event_at,
        count(*) as event_row_count,
        {{ weight_sums() }}
    from events_to_add
    group by
        company_id, event_date, _dlt_load_id, group_version, _source_file,
        hour_at, experiment, event_type, consent_status, action, {{ setting | join(', ') }}

)

select * from aggregated
