{#- Shares of decisions on the notice, rows as delivered: name, part, whole. -#}
{% set shares = [
    ('first_day_partial_share', 'first_day_partial_row_count', 'first_day_decision_row_count'),
    ('later_partial_share', 'later_partial_row_count', 'later_decision_row_count'),
    ('older_than_6_months_share', 'older_than_6_months_row_count', 'decision_row_count'),
] -%}
{% set counts = [
    'choice_row_count',
    'first_choice_count', 'change_count', 'renewal_count', 'later_choice_count',
    'resent_row_count',
    'partial_row_count', 'partial_list_grew_row_count', 'partial_elsewhere_row_count',
    'first_day_decision_row_count', 'first_day_partial_row_count',
    'later_decision_row_count', 'later_partial_row_count',
    'older_than_6_months_row_count', 'older_than_12_months_row_count',
] -%}

with companies as (

    select * from {{ ref('dim_companies') }}

),

tokens as (

    select * from {{ ref('consent_tokens') }}

),

summed_up as (

    select
        company_id,
        count(*) as token_count,
        {% for name in counts -%}
        sum({{ name }}) as {{ name }},
        {% endfor -%}
        max(oldest_decision_days) as oldest_decision_days
    from tokens
    group by company_id

),

of_all_companies as (

    select
        companies.company_id,
        {{ company_columns() }},
        cast(coalesce(summed_up.token_count, 0) as bigint) as token_count,
        {% for name in counts -%}
        cast(coalesce(summed_up.{{ name }}, 0) as bigint) as {{ name }},
        {% endfor -%}
        cast(coalesce(summed_up.first_day_decision_row_count + summed_up.later_decision_row_count, 0) as bigint) as decision_row_count,
        summed_up.oldest_decision_days
    from companies
    left join summed_up
        on companies.company_id = summed_up.company_id

)

select
    company_id,
    industry_detailed,
    industry,
    hq_country,
    token_count,
    {% for name in counts -%}
    {{ name }},
    {% endfor -%}
    decision_row_count,
    oldest_decision_days,
    {% for name, part, whole in shares -%}
    {%- set share = 'cast(' ~ part ~ ' as double precision) / nullif(' ~ whole ~ ', 0)' -%}
    {%- set is_reliable = 'not ' ~ has_recycled_payloads('company_id', ref('evidence_checks')) ~ ' and ' ~ has_enough_rows(part, whole ~ ' - ' ~ part) -%}
    {{ share }} as {{ name }},
    {{ if_reliable(is_reliable, wilson_lower(share, whole)) }} as {{ name }}_lower,
    {{ if_reliable(is_reliable, wilson_upper(share, whole)) }} as {{ name }}_upper,
    {{ is_reliable }} as {{ name }}_is_reliable
    {%- if not loop.last %},{% endif %}
    {% endfor %}
from of_all_companies
