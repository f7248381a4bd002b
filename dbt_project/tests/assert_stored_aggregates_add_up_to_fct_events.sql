-- Each stored aggregate adds up to fct_events, by company and day. A row here is a day that does not.
-- `dbt test` and `--full-refresh` add up all rows; `dbt build` adds up those of the loads that were
-- taken in last. The pairs have a test beside this one.
{% set aggregates = [
    ('int_consent_daily', 'true', 'count_over_rate_sum'),
    ('int_activity_hourly', 'true', 'count_over_rate_sum'),
    ('int_quality_daily', 'true', 'count_over_rate_sum'),
    ('int_sampling_daily', 'true', 'inverse_rate_sum'),
    ('int_payload_daily', "item_type = 'event'", 'count_over_rate_sum'),
] %}
{% set is_read = is_to_check('_dlt_load_id', ref('int_built_loads'), ref('stg_consent__event_changes')) -%}

with events as (

    select
        company_id,
        event_date,
        event_type in ('consent.asked', 'consent.given') as has_payload,
        count(*) as row_count,
        sum(extrapolated_count) as count_over_rate_sum,
        coalesce(sum(1 / sampling_rate), 0) as inverse_rate_sum
    from {{ ref('fct_events') }}
    where {{ is_read }}
    group by company_id, event_date, event_type in ('consent.asked', 'consent.given')

),

expected as (

    {% for aggregate, _, weight_sum in aggregates -%}
    select
        '{{ aggregate }}' as aggregate,
        company_id,
        event_date,
        sum(row_count) as row_count,
        sum({{ weight_sum }}) as event_count
    from events
    {% if aggregate == 'int_payload_daily' -%}
    where has_payload
    {% endif -%}
    group by company_id, event_date
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

stored as (

    {% for aggregate, rows, weight_sum in aggregates -%}
    select
        '{{ aggregate }}' as aggregate,
        company_id,
        event_date,
        sum(event_row_count) as row_count,
        sum({{ weight_sum }}) as event_count
    from {{ ref(aggregate) }}
    where {{ rows }} and {{ is_read }}
    group by company_id, event_date
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

)

select
    coalesce(stored.aggregate, expected.aggregate) as aggregate,
    coalesce(stored.company_id, expected.company_id) as company_id,
    coalesce(stored.event_date, expected.event_date) as event_date,
    stored.row_count,
    expected.row_count as expected_row_count,
    stored.event_count,
    expected.event_count as expected_event_count
from stored
full join expected
    on stored.aggregate = expected.aggregate
    and stored.company_id = expected.company_id
    and stored.event_date = expected.event_date
where coalesce(stored.row_count, 0) <> coalesce(expected.row_count, 0)
    or abs(coalesce(stored.event_count, 0) - coalesce(expected.event_count, 0))
        > 1e-9 * coalesce(expected.event_count, 0)
