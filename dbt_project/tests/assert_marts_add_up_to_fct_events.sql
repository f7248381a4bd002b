-- The marts add up to fct_events, for each company. A row here is a mart and company that do not.
-- `dbt build` adds up int_consent_daily, whose groups that it built are compared with fct_events
-- (assert_stored_aggregates_add_up_to_fct_events); `dbt test` and `--full-refresh` add up all events.
{% set all_events, sums_of_events = ref('fct_events'), ref('int_consent_daily') %}
{% set reads_all = loads_to_check(ref('int_built_loads'), ref('stg_consent__event_changes')) is none -%}
{% set sums = [
    ('consent_daily', 'sum(count_over_rate_sum)', 'sum(event_row_count)', 'true', 'all'),
    ('company_performance', 'sum(event_count)', 'sum(event_row_count)', 'true', 'all'),
    ('company_performance', 'sum(consent_asked_count + consent_given_count)', 'sum(consent_asked_row_count + consent_given_row_count)', 'true', 'consent'),
    ('company_event_types', 'sum(event_count)', 'sum(event_row_count)', 'true', 'all'),
    ('company_consent_status', 'sum(event_count)', 'sum(event_row_count)', "scope = 'all events'", 'all'),
    ('company_consent_status', 'sum(event_count)', 'sum(event_row_count)', "scope = 'choices'", 'given'),
    ('company_consent_conversion', 'sum(consent_asked_count + consent_given_count)', 'sum(consent_asked_row_count + consent_given_row_count)', 'true', 'consent'),
] %}
with events as (

    select
        company_id,
        event_type,
        {{ 'count(*)' if reads_all else 'cast(sum(event_row_count) as bigint)' }} as row_count,
        sum({{ 'extrapolated_count' if reads_all else 'count_over_rate_sum' }}) as event_count
    from {{ all_events if reads_all else sums_of_events }}
    group by company_id, event_type

),

facts as (

    {% for part, types in [
        ('all', 'true'),
        ('given', "event_type = 'consent.given'"),
        ('consent', "event_type in ('consent.asked', 'consent.given')"),
    ] %}
    select
        '{{ part }}' as part,
        company_id,
        sum(row_count) as row_count,
        sum(event_count) as event_count
    from events
    where {{ types }}
    group by company_id
    {%- if not loop.last %} union all {% endif %}
    {% endfor %}

),

marts as (

    {% for mart, event_count, row_count, rows, part in sums %}
    select
        '{{ mart }}' as mart,
        '{{ part }}' as part,
        company_id,
        {{ row_count }} as row_count,
        {{ event_count }} as event_count
    from {{ ref(mart) }}
    where {{ rows }}
    group by company_id
    {%- if not loop.last %} union all {% endif %}
    {% endfor %}

),

mart_parts as (

    select distinct mart, part from marts

),

expected as (

    select mart_parts.mart, facts.*
    from facts
    inner join mart_parts
        on facts.part = mart_parts.part

)

select
    coalesce(marts.mart, expected.mart) as mart,
    coalesce(marts.company_id, expected.company_id) as company_id,
    marts.row_count,
    expected.row_count as expected_row_count,
    marts.event_count,
    expected.event_count as expected_event_count
from marts
full join expected
    on marts.mart = expected.mart
    and marts.part = expected.part
    and marts.company_id = expected.company_id
where coalesce(marts.row_count, 0) <> coalesce(expected.row_count, 0)
    or abs(coalesce(marts.event_count, 0) - coalesce(expected.event_count, 0))
        > 1e-9 * coalesce(expected.event_count, 0)
