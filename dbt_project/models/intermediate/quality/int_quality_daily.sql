{% set keys = ['company_id', 'event_date', '_dlt_load_id'] %}
{% set described = ['deployment_id', 'sdk_type', 'event_type', 'consent_status', 'action', 'recomputed_status', 'explanation', 'has_gcm_error', 'unknown_country_code', 'notice_position', 'previous_status'] %}
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_groups',
        on_schema_change='fail',
        unique_key=keys,
        groups_of='int_day_loads',
        meta={'layout': 5},
        indexes=[{'columns': keys + described, 'unique': true}],
    )
}}

with events as (

    select * from {{ ref('fct_events') }}

),

loads as (

    select * from {{ ref('stg_consent__loads') }}

),

groups_to_add as (

    {{ groups_to_build(ref('int_day_loads'), keys) }}

),

judged as (

    select
        events.*,
        groups_to_add.group_version,
        loads.loaded_at,
        case when events.event_type = 'consent.given' then {{ recomputed_status() }} end as recomputed_status,
        events.gcm_error is not null as has_gcm_error,
        case
            when events.event_type = 'consent.given' then not {{ has_choice_lists() }}
            when events.event_type = 'consent.asked' then coalesce(
                events.purposes_listed_count,
                events.purposes_li_listed_count,
                events.vendors_listed_count,
                events.vendors_li_listed_count
            ) is null
        end as is_without_lists,
        {{ seconds_between('events.window_start_at', 'events.event_at') }} as window_seconds
    from events
    inner join groups_to_add
        on {{ same_group('events', 'groups_to_add', keys) }}
    left join loads
        on events._dlt_load_id = loads._dlt_load_id
    -- follows from the join, and is what an index can be used for
    where {{ is_of_loads('events._dlt_load_id', 'groups_to_add') }}

),

explained as (

    select
        judged.*,
        case when event_type = 'consent.given' then {{ status_explanation('consent_status', 'recomputed_status') }} end as explanation
    from judged

)

select
    company_id,
    event_date,
    _dlt_load_id,
    group_version,
    {{ described | join(', ') }},
    count(*) as event_row_count,
    count(case when is_older_status then 1 end) as older_status_row_count,
    count(case when is_without_lists then 1 end) as without_lists_row_count,
    count(case when country_code is null then 1 end) as without_country_row_count,
    count(case when lower(browser_family) like '%headless%' then 1 end) as headless_row_count,
    count(case when window_seconds < 0 or window_seconds >= 3600 then 1 end) as outside_window_row_count,
    count(case when event_at > loaded_at then 1 end) as future_row_count,
    count(case when {{ offers_interest() }} then 1 end) as offered_interest_row_count,
    count(case when {{ leaves_interest_on() }} then 1 end) as left_interest_row_count,
    {{ weight_sums() }}
from explained
group by
    company_id, event_date, _dlt_load_id, group_version, {{ described | join(', ') }}
