{#- The sides of the rates, and the rows of int_company_totals that belong to each. -#}
{% set sides = [
    ('asked', "event_type = 'consent.asked'"),
    ('given', "event_type = 'consent.given'"),
    ('given_on_notice', "event_type = 'consent.given' and is_on_notice"),
    ('decided_on_notice', "event_type = 'consent.given' and is_on_notice and is_decision"),
    ('opted_in_on_notice', "event_type = 'consent.given' and is_on_notice and is_opt_in"),
] -%}

with companies as (

    select * from {{ ref('dim_companies') }}

),

-- count_over_rate_sum adds up the assignment's COUNT / RATE, corrected_sum the weights that the
-- sampling diagnosis supports
totals as (

    select * from {{ ref('int_company_totals') }}

),

-- of each side its rows, its events Σw, Σw², and the variance of Σw; zeros without any rows
counted as (

    select
        companies.company_id,
        {{ company_columns() }},
        totals.weighting_used,
        totals.is_weighting_decided,
        {% for side, rows in sides -%}
        {% for weighting, prefix in [('count_over_rate', ''), ('corrected', 'corrected_')] -%}
        cast(coalesce(sum(totals.event_row_count) filter (where {{ rows }}), 0) as bigint) as {{ prefix }}{{ side }}_row_count,
        coalesce(sum(totals.{{ weighting }}_sum) filter (where {{ rows }}), 0) as {{ prefix }}{{ side }}_count,
        coalesce(sum(totals.{{ weighting }}_square_sum) filter (where {{ rows }}), 0) as {{ prefix }}{{ side }}_square_sum,
        sum(totals.{{ weighting }}_variance) filter (where {{ rows }}) as {{ prefix }}{{ side }}_variance
        {%- if not loop.last %},{% endif %}
        {% endfor -%}
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from companies
    left join totals
        on companies.company_id = totals.company_id
    group by companies.company_id, {{ company_columns() }}, totals.weighting_used, totals.is_weighting_decided

)

select
    company_id,
    industry_detailed,
    industry,
    hq_country,
    asked_count as consent_asked_count,
    {{ count_interval('consent_asked_count', 'asked') }},
    asked_row_count as consent_asked_row_count,
    given_count as consent_given_count,
    {{ count_interval('consent_given_count', 'given') }},
    given_row_count as consent_given_row_count,

    -- null, not 0, where nothing was asked; above 1 where people choose without being asked again
    given_count / nullif(asked_count, 0) as consent_conversion_rate,
    {{ ratio_interval('consent_conversion_rate', 'given', 'asked') }},
    corrected_given_count / nullif(corrected_asked_count, 0) as corrected_consent_conversion_rate,
    {{ ratio_interval('corrected_consent_conversion_rate', 'corrected_given', 'corrected_asked', 'is_weighting_decided') }},
    weighting_used,

    -- what professionals look at, by the corrected weighting
    corrected_given_on_notice_count / nullif(corrected_asked_count, 0) as conversion_rate_on_notice,
    {{ ratio_interval('conversion_rate_on_notice', 'corrected_given_on_notice', 'corrected_asked', 'is_weighting_decided') }},
    corrected_opted_in_on_notice_count / nullif(corrected_decided_on_notice_count, 0) as consent_rate,
    {{ probability_interval('consent_rate', 'corrected_opted_in_on_notice', 'corrected_decided_on_notice', 'is_weighting_decided') }},
    corrected_opted_in_on_notice_count / nullif(corrected_asked_count, 0) as opt_in_rate,
    {{ ratio_interval('opt_in_rate', 'corrected_opted_in_on_notice', 'corrected_asked', 'is_weighting_decided') }},
    1 - corrected_given_on_notice_count / nullif(corrected_asked_count, 0) as no_choice_rate,
    {{ ratio_interval('no_choice_rate', 'corrected_given_on_notice', 'corrected_asked', 'is_weighting_decided', is_complement=true) }}
from counted
