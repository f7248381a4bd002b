-- fct_events holds what the raw events hold, load by load. A row here is a load that does not agree.
-- `dbt test` and `--full-refresh` look at all loads; `dbt build` looks at those that it took in, and
-- assert_day_loads_hold_fct_events at the groups that they took events from.
-- A load that arrived after the build (or has not finished) may have replaced rows of loads that were
-- built. Then fct_events may hold more rows of such a load than raw does, but never fewer, and in all
-- no more than the unbuilt loads brought. A load that was complete before this run must be built.
{% set is_checked = is_to_check('_dlt_load_id', ref('int_built_loads'), ref('stg_consent__event_changes')) -%}
{% set loads, built, changes = ref('stg_consent__loads'), ref('int_built_loads'), ref('stg_consent__event_changes') -%}

with {% for side, relation, event_count in [
    ('raw', ref('stg_consent__events'), weight('count_over_rate')),
    ('built', ref('fct_events'), 'extrapolated_count'),
] -%}
{{ side }}_loads as (

    select
        _dlt_load_id,
        count(*) as row_count,
        sum({{ event_count }}) as event_count
    from {{ relation }}
    where {{ is_checked }}
    group by _dlt_load_id

),

{% endfor -%}
unbuilt as (

    select coalesce(sum(row_count), 0) as row_count
    from (
        {% if is_checked == 'true' -%}
        select row_count from raw_loads
        where _dlt_load_id not in (select _dlt_load_id from {{ built }})
        {%- else -%}
        select joined_count as row_count from {{ changes }}
        where changed_by not in (select _dlt_load_id from {{ built }})
        {%- endif %}
    ) as unbuilt_loads

),

compared as (

    select
        built._dlt_load_id,
        coalesce(built_loads.row_count, 0) as built_row_count,
        coalesce(raw_loads.row_count, 0) as raw_row_count,
        abs(built_loads.event_count - raw_loads.event_count) as event_difference,
        built_loads.event_count,
        unbuilt.row_count as unbuilt_row_count,
        sum(coalesce(built_loads.row_count, 0) - coalesce(raw_loads.row_count, 0)) over () as taken_over_row_count
    from {{ built }} as built
    left join built_loads
        on built._dlt_load_id = built_loads._dlt_load_id
    left join raw_loads
        on built._dlt_load_id = raw_loads._dlt_load_id
    cross join unbuilt

)

select
    _dlt_load_id,
    raw_row_count,
    built_row_count,
    event_difference
from compared
where built_row_count < raw_row_count
    or taken_over_row_count > unbuilt_row_count
    or (built_row_count = raw_row_count and event_difference > 1e-9 * event_count)
union all
select
    new_loads._dlt_load_id,
    null as raw_row_count,
    0 as built_row_count,
    null as event_difference
from ({{ new_loads(loads, built, changes) }}) as new_loads
inner join {{ loads }} as loads
    on new_loads._dlt_load_id = loads._dlt_load_id
where loads.loaded_at < {{ moment_or_null("'" ~ run_started_at ~ "'") }}
