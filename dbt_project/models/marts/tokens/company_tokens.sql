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

{#- What became of the status before, for choices of apps, which send it in place of a token. -#}
{% set opt_in_before = is_opt_in('previous_status') -%}
{% set transitions = [
    ('first_choice', "previous_status = 'empty'"),
    ('unchanged', "previous_status <> 'empty' and previous_status = consent_status"),
    ('withdrawal', opt_in_before ~ " and consent_status = 'opt-out'"),
    ('grant', "previous_status = 'opt-out' and " ~ is_opt_in()),
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

app_choices as (

    select
        company_id,
        sum(event_row_count) as choice_row_count,
        {% for name, rows in transitions -%}
        sum(case when {{ rows }} then event_row_count else 0 end) as {{ name }}_row_count
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_quality_daily') }}
    where event_type = 'consent.given' and previous_status is not null
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
        summed_up.oldest_decision_days,
        {% for name in ['choice'] + transitions | map('first') | list -%}
        cast(coalesce(app_choices.{{ name }}_row_count, 0) as bigint) as app_{{ name }}_row_count
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from companies
    left join summed_up
        on companies.company_id = summed_up.company_id
    left join app_choices
        on companies.company_id = app_choices.company_id

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
    {{ is_reliable }} as {{ name }}_is_reliable,
    {% endfor -%}
    {% for name in ['choice'] + transitions | map('first') | list -%}
    app_{{ name }}_row_count
    {%- if not loop.last %},{% endif %}
    {% endfor %}
from of_all_companies
