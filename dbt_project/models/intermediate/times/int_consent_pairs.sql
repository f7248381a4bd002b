{% set keys = ['company_id', 'event_date'] %}
{% set described = ['consent_status', 'country_code', 'device_type', 'sdk_type'] %}
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_groups',
        on_schema_change='fail',
        unique_key=keys,
        groups_of='int_pair_days',
        indexes=[{'columns': keys + ['method', 'direction', 'event_id'], 'unique': true}],
        pre_hook="{{ read_by_index() }}",
    )
}}

with days_to_add as (

    {{ groups_to_build(ref('int_pair_days'), keys) }}

),

days_to_read as (

    select company_id, event_date from days_to_add
    union
    select company_id, {{ next_day('event_date') }} as event_date from days_to_add

),

notices_and_choices as (

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
        events.sdk_type,
        events.token_created_at,
        events.token_updated_at
    from {{ ref('fct_events') }} as events
    inner join days_to_read
        on {{ same_group('events', 'days_to_read', keys) }}
    where events.event_type in ('consent.asked', 'consent.given')

),

-- Each event with the next one of its user, and with the next one of its cohort. Equal times are ordered
-- by event_id, which favours neither direction.
in_order as (

    {% for method, group_column in [('user', 'user_id'), ('cohort', 'cohort_id')] -%}
    select
        '{{ method }}' as method,
        notices_and_choices.*,
        {% for column in ['event_id', 'event_type', 'event_at'] + described -%}
        lead({{ column }}) over following as next_{{ column }}
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from notices_and_choices
    where {{ group_column }} is not null
    window following as (partition by company_id, {{ group_column }} order by event_at, event_id)
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

-- forward: a notice, then a choice. Backward: a choice, then a notice. No choice answers a later
-- notice, so the backward pairs are the placebo: they show how often chance alone makes a pair.
matched as (

    select
        method,
        case when event_type = 'consent.asked' then 'forward' else 'backward' end as direction,
        company_id,
        event_date,
        event_id,
        next_event_id,
        event_at as started_at,
        next_event_at as ended_at,
        {% for column in described -%}
        case when event_type = 'consent.asked' then next_{{ column }} else {{ column }} end as {{ column }},
        {% endfor -%}
        {{ seconds_between('event_at', 'next_event_at') }} as lag_seconds,
        cast(null as double precision) as clock_gap_seconds
    from in_order
    where event_type <> next_event_type

),

-- A choice's token holds both of its times, so nothing has to be matched. Its clock is the user's.
tokens as (

    select
        'token' as method,
        'forward' as direction,
        company_id,
        event_date,
        event_id,
        cast(null as {{ dbt.type_string() }}) as next_event_id,
        token_created_at as started_at,
        token_updated_at as ended_at,
        {{ described | join(', ') }},
        {{ seconds_between('token_created_at', 'token_updated_at') }} as lag_seconds,
        abs({{ seconds_between('token_updated_at', 'event_at') }}) as clock_gap_seconds
    from notices_and_choices
    where event_type = 'consent.given'

),

pairs as (

    select * from matched
    -- equal times tell no order: some deliveries have whole seconds only
    where lag_seconds > 0 and lag_seconds <= {{ consent_window() }}
    union all
    select * from tokens
    where lag_seconds >= 0 and lag_seconds <= {{ consent_window() }}

)

select
    pairs.*,
    days_to_add.group_version
from pairs
inner join days_to_add
    on {{ same_group('pairs', 'days_to_add', keys) }}
