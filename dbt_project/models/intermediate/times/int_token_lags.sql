{% set keys = ['company_id', 'event_date', '_dlt_load_id'] %}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        indexes=[{'columns': keys}],
        pre_hook=[
            "{{ delete_stale_groups(ref('int_day_loads'), ['company_id', 'event_date', '_dlt_load_id']) }}",
            "{{ read_by_index() }}",
        ],
    )
}}

with groups_to_add as (

    {{ missing_groups(ref('int_day_loads'), keys) }}

),

tokens as (

    select
        events.*,
        groups_to_add.group_version
    from {{ ref('fct_events') }} as events
    inner join groups_to_add
        on {{ same_group('events', 'groups_to_add', keys) }}
    where events.event_type = 'consent.given'
        and events.token_created_at is not null
        and events.token_updated_at is not null

)

select
    company_id,
    event_date,
    _dlt_load_id,
    group_version,
    event_id,
    token_created_at,
    token_updated_at,
    consent_status,
    country_code,
    device_type,
    sdk_type,
    {{ seconds_between('token_created_at', 'token_updated_at') }} as lag_seconds,
    abs({{ seconds_between('token_updated_at', 'event_at') }}) as clock_gap_seconds
from tokens
