{#- What can happen to a purpose or vendor: external and webview choices count `everywhere` only. -#}
{% set happenings = {
    'shown': "state = 'shown'",
    'enabled': "state = 'enabled' and is_on_notice",
    'disabled': "state = 'disabled' and is_on_notice",
    'enabled_everywhere': "state = 'enabled'",
    'disabled_everywhere': "state = 'disabled'",
} -%}

with daily as (

    select * from {{ ref('int_payload_daily') }}
    where item_type <> 'event'

),

weightings as (

    select * from {{ ref('int_company_weighting') }}

),

-- over days, loads and regions first: few rows are left for the many sums below
added_up as (

    select
        company_id,
        item_type,
        legal_basis,
        item_id,
        state,
        is_on_notice,
        sum(event_row_count) as event_row_count,
        {{ weight_sums_again() }}
    from daily
    group by company_id, item_type, legal_basis, item_id, state, is_on_notice

),

weighted as (

    select
        added_up.*,
        added_up.count_over_rate_sum as assignment_sum,
        added_up.count_over_rate_square_sum as assignment_square_sum,
        added_up.count_over_rate_variance as assignment_variance,
        {{ corrected_sums('added_up') }},
        weightings.weighting_used,
        weightings.is_weighting_decided
    from added_up
    inner join weightings
        on added_up.company_id = weightings.company_id

)

select
    company_id,
    item_type,
    legal_basis,
    item_id,
    {% for name, rows in happenings.items() -%}
    cast(coalesce(sum(case when {{ rows }} then event_row_count end), 0) as bigint) as {{ name }}_row_count,
    {% for formula in ['assignment', 'corrected'] -%}
    {% for part in ['sum', 'square_sum'] -%}
    coalesce(sum(case when {{ rows }} then {{ formula }}_{{ part }} end), 0) as {{ formula }}_{{ name }}_{{ part }},
    {% endfor -%}
    sum(case when {{ rows }} then {{ formula }}_variance end) as {{ formula }}_{{ name }}_variance,
    {% endfor -%}
    {% endfor -%}
    weighting_used,
    is_weighting_decided,
    {{ has_recycled_payloads('company_id', ref('evidence_checks')) }} as are_payloads_recycled
from weighted
group by company_id, item_type, legal_basis, item_id, weighting_used, is_weighting_decided
