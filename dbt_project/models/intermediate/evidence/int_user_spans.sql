{% set keys = ['company_id', '_dlt_load_id'] %}
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_groups',
        on_schema_change='fail',
        unique_key=keys,
        groups_of='int_day_loads',
        groups='groups_by_load',
        indexes=[{'columns': keys, 'unique': true}],
        pre_hook="{{ read_by_index() }}",
    )
}}

with groups_to_add as (

    {{ groups_to_build(groups_by_load(ref('int_day_loads')), keys) }}

),

identified as (

    select
        events.company_id,
        events._dlt_load_id,
        events.user_id,
        events.country_code
    from {{ ref('fct_events') }} as events
    inner join groups_to_add
        on {{ same_group('events', 'groups_to_add', keys) }}
    where events.user_id is not null
        -- follows from the join, and is what an index can be used for
        and {{ is_of_loads('events._dlt_load_id', 'groups_to_add') }}

),

users as (

    select
        {{ keys | join(', ') }},
        count(*) as identified_row_count,
        count(country_code) as event_count,
        min(country_code) <> max(country_code) as spans_countries
    from identified
    group by {{ keys | join(', ') }}, user_id

),

several_events as (

    select
        {{ keys | join(', ') }},
        event_count,
        count(*) as user_count,
        count(case when spans_countries then 1 end) as spanning_user_count
    from users
    where event_count > 1
    group by {{ keys | join(', ') }}, event_count

),

countries as (

    select
        {{ keys | join(', ') }},
        country_code,
        count(*) as country_event_count,
        cast(sum(count(*)) over (partition by {{ keys | join(', ') }}) as bigint) as all_event_count
    from identified
    where country_code is not null
    group by {{ keys | join(', ') }}, country_code

),

-- the chance that so many events, drawn at random from those of the load, are all of one country
in_one_country as (

    select
        {% for key in keys -%}
        several_events.{{ key }},
        {% endfor -%}
        several_events.event_count,
        several_events.user_count,
        several_events.spanning_user_count,
        sum(case
            when countries.country_event_count >= several_events.event_count
                then {{ chance_of_all('several_events.event_count', 'countries.country_event_count', 'countries.all_event_count') }}
            else 0
        end) as chance
    from several_events
    inner join countries
        on {{ same_group('several_events', 'countries', keys) }}
    group by
        {% for key in keys -%}
        several_events.{{ key }},
        {% endfor -%}
        several_events.event_count, several_events.user_count, several_events.spanning_user_count

),

spans as (

    select
        {{ keys | join(', ') }},
        cast(sum(user_count) as bigint) as repeated_user_count,
        cast(sum(spanning_user_count) as bigint) as spanning_user_count,
        sum(user_count * (1 - least(chance, 1))) as expected_spanning_user_count
    from in_one_country
    group by {{ keys | join(', ') }}

),

all_identified as (

    select
        {{ keys | join(', ') }},
        cast(sum(identified_row_count) as bigint) as identified_row_count
    from users
    group by {{ keys | join(', ') }}

)

-- a group without user ids has a row, too: otherwise each build would look for it again
select
    groups_to_add.company_id,
    groups_to_add._dlt_load_id,
    groups_to_add.group_version,
    coalesce(all_identified.identified_row_count, 0) as identified_row_count,
    coalesce(spans.repeated_user_count, 0) as repeated_user_count,
    coalesce(spans.spanning_user_count, 0) as spanning_user_count,
    -- the chance is exact to about 1e-8
    coalesce(cast(round(cast(spans.expected_spanning_user_count as numeric), 6) as double precision), 0) as expected_spanning_user_count
from groups_to_add
left join spans
    on {{ same_group('groups_to_add', 'spans', keys) }}
left join all_identified
    on {{ same_group('groups_to_add', 'all_identified', keys) }}
