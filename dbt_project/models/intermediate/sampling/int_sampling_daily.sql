{% set keys = ['company_id', 'event_date', '_dlt_load_id'] %}
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_groups',
        on_schema_change='fail',
        unique_key=keys,
        groups_of='int_day_loads',
        indexes=[{'columns': keys + ['_source_file', 'event_type'], 'unique': true}],
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
        groups_to_add.group_version,
        events.sampling_rate < 1 as is_sampled
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
        _source_file,
        event_type,
        count(*) as event_row_count,
        count(*) filter (where is_sampled) as sampled_row_count,
        count(*) filter (where is_sampled and {{ count_is_weight() }}) as matching_row_count,
        count(*) filter (where is_rate_missing) as missing_rate_row_count,
        cast(coalesce(sum(reported_count) filter (where is_rate_missing), 0) as double precision) as missing_rate_count,
        coalesce(sum(1 / sampling_rate), 0) as inverse_rate_sum
    from events_to_add
    group by company_id, event_date, _dlt_load_id, group_version, _source_file, event_type

)

select * from aggregated
