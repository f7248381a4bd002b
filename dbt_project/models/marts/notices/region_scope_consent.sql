{#- Decisions of a company: a opt-ins and b refusals in the EEA, UK and CH, c and d elsewhere. -#}
{% set scopes = {'inside': 'EEA, UK and CH', 'outside': 'elsewhere'} -%}

with companies as (

    select * from {{ ref('dim_companies') }}
    where has_events

),

by_scope as (

    select
        company_id,
        {% for scope, value in scopes.items() -%}
        coalesce(sum(decision_row_count) filter (where value = '{{ value }}'), 0) as {{ scope }}_decision_row_count,
        coalesce(sum(opt_in_row_count) filter (where value = '{{ value }}'), 0) as {{ scope }}_opt_in_row_count
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('notice_performance') }}
    where breakdown = 'region scope'
    group by company_id

),

cells as (

    select
        by_scope.*,
        cast(inside_opt_in_row_count as double precision) as a,
        cast(inside_decision_row_count - inside_opt_in_row_count as double precision) as b,
        cast(outside_opt_in_row_count as double precision) as c,
        cast(outside_decision_row_count - outside_opt_in_row_count as double precision) as d,
        cast(inside_decision_row_count + outside_decision_row_count as double precision) as n
    from by_scope

),

-- the terms of Mantel and Haenszel's odds ratio and of its variance (Robins, Breslow and Greenland);
-- for one company they come to ad / bc and 1/a + 1/b + 1/c + 1/d
strata as (

    select
        *,
        a * d / nullif(n, 0) as r,
        b * c / nullif(n, 0) as s,
        (a + d) / nullif(n, 0) as p,
        (b + c) / nullif(n, 0) as q,
        {% for scope in scopes -%}
        {%- set size = 'cast(' ~ scope ~ '_decision_row_count as double precision)' -%}
        {%- set opt_ins = scope ~ '_opt_in_row_count' -%}
        case when {{ size }} > 0 then n end as {{ scope }}_weight,
        n * {{ opt_ins }} / nullif({{ size }}, 0) as {{ scope }}_weighted_rate,
        -- two decisions are added, or a rate of 0 or 1 would pass for certain
        n * n * ({{ opt_ins }} + 1) * ({{ size }} - {{ opt_ins }} + 1) / power({{ size }} + 2, 2)
        / nullif({{ size }}, 0) as {{ scope }}_weighted_variance
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from cells

),

compared as (

    select
        coalesce(company_id, 'all') as company_id,
        {% for scope in scopes -%}
        cast(sum({{ scope }}_decision_row_count) as bigint) as {{ scope }}_decision_row_count,
        cast(sum({{ scope }}_opt_in_row_count) as bigint) as {{ scope }}_opt_in_row_count,
        sum({{ scope }}_weighted_rate) / sum({{ scope }}_weight) as {{ scope }}_standardised_rate,
        sum({{ scope }}_weighted_variance) / power(sum({{ scope }}_weight), 2) as {{ scope }}_standardised_variance,
        {% endfor -%}
        least(sum(a), sum(b), sum(c), sum(d)) >= 5 and sum(r) > 0 and sum(s) > 0 as is_reliable,
        sum(r) / nullif(sum(s), 0) as odds_ratio,
        sum(p * r) / nullif(2 * power(sum(r), 2), 0)
        + sum(p * s + q * r) / nullif(2 * sum(r) * sum(s), 0)
        + sum(q * s) / nullif(2 * power(sum(s), 2), 0) as log_odds_variance
    from strata
    group by grouping sets ((company_id), ())
    having count(*) > 0

),

of_all as (

    select * from compared
    where company_id = 'all' and odds_ratio > 0

),

with_common as (

    select
        cells.*,
        of_all.odds_ratio as common
    from cells
    cross join of_all
    where cells.a + cells.b > 0 and cells.c + cells.d > 0 and cells.a + cells.c > 0 and cells.b + cells.d > 0

),

-- what the common odds ratio would make of each company with decisions of both kinds and in both
-- scopes: so many opt-ins inside (Breslow and Day)
expected as (

    select
        *,
        2 * common * (a + c) * (a + b) / (
            d - a + common * (2 * a + b + c)
            + sqrt(power(d - a + common * (2 * a + b + c), 2) + 4 * (1 - common) * common * (a + c) * (a + b))
        ) as expected_a
    from with_common

),

differences as (

    select
        cast(count(*) - 1 as double precision) as degrees_of_freedom,
        sum(power(a - expected_a, 2) * (
            1 / expected_a + 1 / (a + c - expected_a) + 1 / (a + b - expected_a) + 1 / (d - a + expected_a)
        )) as chi_square
    from expected

),

differences_with_z as (

    select
        *,
        {{ chi_square_z('chi_square', 'degrees_of_freedom') }} as z
    from differences
    where degrees_of_freedom >= 1

),

tested as (

    select
        'all' as company_id,
        {{ chi_square_p_value('chi_square', 'degrees_of_freedom', 'z') }} as p_value
    from differences_with_z

),

with_rates as (

    select
        compared.*,
        {% for scope in scopes -%}
        {{ row_share_interval(scope ~ '_consent_rate', 'compared.' ~ scope ~ '_opt_in_row_count', 'compared.' ~ scope ~ '_decision_row_count') }},
        {% endfor -%}
        tested.p_value as difference_p_value
    from compared
    left join tested
        on compared.company_id = tested.company_id

),

bounded as (

    select
        with_rates.company_id,
        {% for column in ['industry_detailed', 'industry', 'hq_country'] -%}
        coalesce(companies.{{ column }}, 'all') as {{ column }},
        {% endfor -%}
        {% for scope in scopes -%}
        {%- set rate, variance = 'with_rates.' ~ scope ~ '_standardised_rate', 'with_rates.' ~ scope ~ '_standardised_variance' -%}
        with_rates.{{ scope }}_decision_row_count,
        with_rates.{{ scope }}_opt_in_row_count,
        with_rates.{{ scope }}_consent_rate,
        with_rates.{{ scope }}_consent_rate_lower,
        with_rates.{{ scope }}_consent_rate_upper,
        with_rates.{{ scope }}_consent_rate_is_reliable,
        {{ rate }},
        {{ if_reliable('with_rates.is_reliable', share_lower(rate, variance)) }} as {{ scope }}_standardised_rate_lower,
        {{ if_reliable('with_rates.is_reliable', share_upper(rate, variance)) }} as {{ scope }}_standardised_rate_upper,
        {% endfor -%}
        with_rates.odds_ratio,
        {{ if_reliable('with_rates.is_reliable', odds_ratio_bound('with_rates.odds_ratio', 'with_rates.log_odds_variance', '-')) }} as odds_ratio_lower,
        {{ if_reliable('with_rates.is_reliable', odds_ratio_bound('with_rates.odds_ratio', 'with_rates.log_odds_variance', '+')) }} as odds_ratio_upper,
        coalesce(with_rates.is_reliable, false) as odds_ratio_is_reliable,
        with_rates.difference_p_value,
        with_rates.difference_p_value < 0.05 as companies_differ
    from with_rates
    left join companies
        on with_rates.company_id = companies.company_id

)

select
    *,
    {{ region_scope_finding() }} as finding
from bounded
