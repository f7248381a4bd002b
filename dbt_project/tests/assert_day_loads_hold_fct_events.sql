-- int_day_loads, which comes from the change log, counts the events that fct_events holds. A row here is
-- a group of which it does not. `dbt test` and `--full-refresh` count all events; `dbt build` counts
-- the groups whose events were changed by the loads that it took in. Events that a load that is not
-- built has replaced may be missing: a first build finds them replaced.
{% set keys = ['company_id', 'event_date', '_dlt_load_id'] -%}
{% set events, changes = ref('fct_events'), ref('stg_consent__event_changes') %}
{% set is_checked = is_to_check('changed_by', ref('int_built_loads'), ref('stg_consent__event_changes')) -%}

with day_loads as (

    select * from {{ ref('int_day_loads') }}

),

{% if is_checked == 'true' -%}
counted as (

    select
        {{ keys | join(', ') }},
        count(*) as event_row_count
    from {{ events }}
    group by {{ keys | join(', ') }}

),
{%- else -%}
changed_groups as (

    select distinct {{ keys | join(', ') }}
    from {{ changes }}
    where {{ is_checked }}

),

counted as (

    select
        changed_groups.*,
        (
            select count(*) from {{ events }} as events
            where {{ same_group('events', 'changed_groups', keys) }}
        ) as event_row_count
    from changed_groups

),
{%- endif %}

replaced as (

    select
        {{ keys | join(', ') }},
        sum(left_count) as left_count
    from {{ changes }}
    where changed_by in (select joined.changed_by from {{ changes }} as joined where joined.joined_count > 0)
        and changed_by not in (select built._dlt_load_id from {{ ref('int_built_loads') }} as built)
    group by {{ keys | join(', ') }}

),

compared as (

    select
        {% for key in keys -%}
        coalesce(day_loads.{{ key }}, counted.{{ key }}) as {{ key }},
        {% endfor -%}
        coalesce(day_loads.event_row_count, 0) as logged_row_count,
        coalesce(counted.event_row_count, 0) as event_row_count,
        coalesce(replaced.left_count, 0) as replaced_row_count
    from counted
    {{ 'full' if is_checked == 'true' else 'left' }} join day_loads
        on {{ same_group('day_loads', 'counted', keys) }}
    left join replaced
        on {{ same_group('day_loads', 'replaced', keys) }}

)

select * from compared
where logged_row_count < event_row_count
    or logged_row_count > event_row_count + replaced_row_count
