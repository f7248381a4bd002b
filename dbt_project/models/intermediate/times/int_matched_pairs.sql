{% set keys = ['company_id', 'event_date'] %}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        indexes=[{'columns': keys}],
        pre_hook=[
            "{{ delete_stale_groups(ref('int_pair_days'), ['company_id', 'event_date']) }}",
            "{{ read_by_index() }}",
        ],
    )
}}

with days_to_add as (

    {{ missing_groups(ref('int_pair_days'), keys) }}

),

days_to_read as (

    select company_id, event_date from days_to_add
    union
    select company_id, {{ next_day('event_date') }} as event_date from days_to_add

),

choices as (

    select
        events.event_id,
        events.company_id,
        events.user_id,
        events.cohort_id,
        events.event_date,
        events.event_at,
        events.event_type,
        events.consent_status,
        events.country_code,
        events.device_type,
        events.sdk_type
    from {{ ref('fct_events') }} as events
    inner join days_to_read
        on {{ same_group('events', 'days_to_read', keys) }}
    where events.event_type in ('consent.asked', 'consent.given')

),

matched as (

    {{ next_choices('user', 'user_id') }}
    union all
    {{ next_choices('cohort', 'cohort_id') }}

),

-- forward: a notice, then a choice; backward, its placebo: a choice, then a notice
pairs as (

    select
        method,
        case when event_type = 'consent.asked' then 'forward' else 'backward' end as direction,
        company_id,
        event_date,
        event_id,
        next_event_id,
        event_at as started_at,
        next_event_at as ended_at,
        {% for column in ['consent_status', 'country_code', 'device_type', 'sdk_type'] -%}
        {{ of_choice(column) }} as {{ column }},
        {% endfor -%}
        {{ seconds_between('event_at', 'next_event_at') }} as lag_seconds
    from matched
    where event_type <> next_event_type

)

select
    pairs.*,
    days_to_add.group_version
from pairs
inner join days_to_add
    on {{ same_group('pairs', 'days_to_add', keys) }}
where pairs.lag_seconds <= {{ consent_window() }}
    -- equal times tell no order: some deliveries have whole seconds only
    and pairs.lag_seconds > 0
