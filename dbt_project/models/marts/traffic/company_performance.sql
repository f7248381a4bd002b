{#- Name of each count, and the rows of int_company_totals that belong to it. -#}
{% set counts = [
    ('event', 'true'),
    ('pageview', "event_type = 'pageview'"),
    ('consent_asked', "event_type = 'consent.asked'"),
    ('consent_given', "event_type = 'consent.given'"),
    ('ui_action', "event_type = 'ui.action'"),
] -%}

with companies as (

    select * from {{ ref('dim_companies') }}

),

-- count_over_rate_sum adds up the assignment's COUNT / RATE, corrected_sum the weights that the
-- sampling diagnosis supports
totals as (

    select * from {{ ref('int_company_totals') }}

),

-- of each count its rows, its events Σw, Σw², and the variance of Σw; zeros without any rows
counted as (

    select
        companies.company_id,
        {{ company_columns() }},
        totals.weighting_used,
        totals.is_weighting_decided,
        {% for name, rows in counts -%}
        cast(coalesce(sum(totals.event_row_count) filter (where {{ rows }}), 0) as bigint) as {{ name }}_row_count,
        coalesce(sum(totals.count_over_rate_sum) filter (where {{ rows }}), 0) as {{ name }}_count,
        coalesce(sum(totals.count_over_rate_square_sum) filter (where {{ rows }}), 0) as {{ name }}_square_sum,
        sum(totals.count_over_rate_variance) filter (where {{ rows }}) as {{ name }}_variance,
        {% endfor -%}
        cast(coalesce(sum(totals.event_row_count), 0) as bigint) as corrected_event_row_count,
        coalesce(sum(totals.corrected_sum), 0) as corrected_event_count,
        coalesce(sum(totals.corrected_square_sum), 0) as corrected_event_square_sum,
        sum(totals.corrected_variance) as corrected_event_variance
    from companies
    left join totals
        on companies.company_id = totals.company_id
    group by companies.company_id, {{ company_columns() }}, totals.weighting_used, totals.is_weighting_decided

),

reach as (

    select
        company_id,
        count(distinct country_code) as country_count
    from {{ ref('int_consent_daily') }}
    group by company_id

)

select
    counted.company_id,
    {{ company_columns('counted') }},
    {% for name, _ in counts -%}
    counted.{{ name }}_count,
    {{ count_interval(name ~ '_count', name) }},
    counted.{{ name }}_row_count,
    {% endfor -%}
    counted.corrected_event_count,
    {{ count_interval('corrected_event_count', 'corrected_event', 'is_weighting_decided') }},
    counted.weighting_used,
    coalesce(reach.country_count, 0) as country_count
from counted
left join reach
    on counted.company_id = reach.company_id
