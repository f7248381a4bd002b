{% set asked, given = "event_type = 'consent.asked'", "event_type = 'consent.given'" -%}
{% set refused = given ~ " and action = 'click' and consent_status = 'opt-out'" -%}
{% set counts = [
    ('refusal', 'event_row_count', refused),
    ('refusal_with_offer', 'offered_interest_row_count', refused),
    ('refusal_with_legitimate_interest', 'left_interest_row_count', refused),
    ('decision', 'event_row_count', given ~ ' and ' ~ is_on_notice() ~ ' and ' ~ is_decision()),
    ('consent_without_click', 'event_row_count', given ~ ' and action is null and ' ~ is_opt_in()),
    ('notice', 'event_row_count', asked),
    ('notice_after_decision', 'event_row_count', asked ~ ' and ' ~ is_decision()),
    ('notice_after_refusal', 'event_row_count', asked ~ " and consent_status = 'opt-out'"),
] -%}

with companies as (

    select * from {{ ref('dim_companies') }}

),

daily as (

    select
        *,
        {{ deployment_key() }} as deployment
    from {{ ref('int_quality_daily') }}

),

-- each deployment, and all of a company together
counted as (

    select
        company_id,
        coalesce(deployment, 'all') as deployment_id,
        {% for name, rows, condition in counts -%}
        sum({{ rows }}) filter (where {{ condition }}) as {{ name }}_row_count
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from daily
    group by grouping sets ((company_id, deployment), (company_id))

),

-- a company without events has a row, too
of_companies as (

    select
        companies.company_id,
        {{ company_columns() }},
        coalesce(counted.deployment_id, 'all') as deployment_id,
        {% for name, _, _ in counts -%}
        cast(coalesce(counted.{{ name }}_row_count, 0) as bigint) as {{ name }}_row_count
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from companies
    left join counted
        on companies.company_id = counted.company_id

),

with_shares as (

    select
        *,
        {{ row_share_interval('legitimate_interest_share', 'refusal_with_legitimate_interest_row_count', 'refusal_with_offer_row_count', 'not ' ~ has_recycled_payloads('company_id', ref('evidence_checks'))) }},
        {{ row_share_interval('refusal_rate', 'refusal_row_count', 'decision_row_count') }}
    from of_companies

)

select
    company_id,
    industry_detailed,
    industry,
    hq_country,
    deployment_id,
    refusal_row_count,
    refusal_with_offer_row_count,
    refusal_with_legitimate_interest_row_count,
    legitimate_interest_share,
    legitimate_interest_share_lower,
    legitimate_interest_share_upper,
    legitimate_interest_share_is_reliable,
    decision_row_count,
    refusal_rate,
    refusal_rate_lower,
    refusal_rate_upper,
    refusal_rate_is_reliable,
    consent_without_click_row_count,
    notice_row_count,
    notice_after_decision_row_count,
    notice_after_refusal_row_count,
    {{ refusal_finding() }} as finding
from with_shares
