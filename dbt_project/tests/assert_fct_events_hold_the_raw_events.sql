-- fct_events holds what the raw events hold, load by load. A row here is a load that does not agree.
-- Rows are counted for all loads. Weights are added up for all loads by `dbt test` and with
-- `--full-refresh`; `dbt build` adds up those of the loads that it is the first to see. That is enough,
-- because a row of an old load can be replaced, which changes its count, but never edited.
-- A load that arrived after the build (or has not finished) may have replaced rows of loads that were
-- built. Then fct_events may hold more rows of such a load than raw does, but never fewer, and in all
-- no more than the unbuilt loads brought. A load that was complete before this run must be built.
{% set loads = latest_loads(ref('int_reported_loads')) %}
{% set is_read = "_dlt_load_id in ('" ~ loads | join("', '") ~ "')" if loads else 'true' -%}

with {% for side, relation, event_count in [
    ('raw', ref('stg_consent__events'), weight('count_over_rate')),
    ('built', ref('fct_events'), 'extrapolated_count'),
] -%}
{{ side }}_counts as (

    select
        _dlt_load_id,
        count(*) as row_count
    from {{ relation }}
    group by _dlt_load_id

),

{{ side }}_sums as (

    select
        _dlt_load_id,
        sum({{ event_count }}) as event_count
    from {{ relation }}
    where {{ is_read }}
    group by _dlt_load_id

),

{{ side }}_loads as (

    select
        counts._dlt_load_id,
        counts.row_count,
        sums.event_count
    from {{ side }}_counts as counts
    left join {{ side }}_sums as sums
        on counts._dlt_load_id = sums._dlt_load_id

),

{% endfor -%}
unbuilt_loads as (

    select
        raw_loads._dlt_load_id,
        raw_loads.row_count,
        loads.loaded_at
    from raw_loads
    left join built_loads
        on raw_loads._dlt_load_id = built_loads._dlt_load_id
    left join {{ ref('stg_consent__loads') }} as loads
        on raw_loads._dlt_load_id = loads._dlt_load_id
    where built_loads._dlt_load_id is null

),

unbuilt as (

    select coalesce(sum(row_count), 0) as row_count from unbuilt_loads

),

compared as (

    select
        built_loads._dlt_load_id,
        built_loads.row_count as built_row_count,
        coalesce(raw_loads.row_count, 0) as raw_row_count,
        abs(built_loads.event_count - raw_loads.event_count) as event_difference,
        built_loads.event_count,
        unbuilt.row_count as unbuilt_row_count,
        sum(built_loads.row_count - coalesce(raw_loads.row_count, 0)) over () as taken_over_row_count
    from built_loads
    left join raw_loads
        on built_loads._dlt_load_id = raw_loads._dlt_load_id
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
    _dlt_load_id,
    row_count as raw_row_count,
    0 as built_row_count,
    null as event_difference
from unbuilt_loads
where loaded_at < {{ moment_or_null("'" ~ run_started_at ~ "'") }}
