{#- What is counted, and the rows that belong to it. -#}
{% set given = "event_type = 'consent.given'" -%}
{% set on_notice = given ~ ' and ' ~ is_on_notice() -%}
{% set clicked = given ~ ' and ' ~ is_click() -%}
{% set sides = [
    ('notice', "event_type = 'consent.asked'"),
    ('preference_opening', "event_type = 'ui.action' and " ~ opens_preferences()),
    ('preference_change', "event_type = 'ui.action' and " ~ changes_preferences()),
    ('choice', given),
    ('choice_on_notice', on_notice),
    ('decision', on_notice ~ ' and ' ~ is_decision()),
    ('opt_in', on_notice ~ ' and ' ~ is_opt_in()),
    ('refusal', on_notice ~ " and consent_status = 'opt-out'"),
    ('clicked_choice', clicked),
    ('clicked_decision', clicked ~ ' and ' ~ is_decision()),
    ('clicked_opt_in', clicked ~ ' and ' ~ is_opt_in()),
] -%}
{#- Breakdown, the column of its value, and the sums that have it. -#}
{% set breakdowns = [
    ('domain', 'domain', 'by_audience'),
    ('device', 'device_type', 'by_audience'),
    ('sdk', 'sdk_type', 'by_audience'),
    ('region scope', 'region_scope', 'by_audience'),
    ('deployment', 'deployment_id', 'by_deployment'),
    ('position', 'notice_position', 'by_deployment'),
] -%}
{% set group = [
    'company_id', 'industry_detailed', 'industry', 'hq_country', 'breakdown', 'value', 'weighting_used', 'is_weighting_decided',
] -%}
{% set what = ['event_type', 'consent_status', 'action'] -%}

with companies as (

    select * from {{ ref('dim_companies') }}

),

weightings as (

    select * from {{ ref('int_company_weighting') }}

),

eea_uk_ch as (

    select country_code from {{ ref('countries') }}
    where is_eea_uk_ch

),

elsewhere as (

    select country_code from {{ ref('countries') }}
    where not is_eea_uk_ch

),

by_country as (

    select
        company_id,
        domain,
        device_type,
        sdk_type,
        country_code,
        {{ what | join(', ') }},
        sum(event_row_count) as event_row_count,
        {{ weight_sums_again() }}
    from {{ ref('int_consent_daily') }}
    where event_type in ('consent.asked', 'consent.given', 'ui.action')
    group by company_id, domain, device_type, sdk_type, country_code, {{ what | join(', ') }}

),

by_audience as (

    select
        *,
        {{ tcf_region('country_code', 'eea_uk_ch', 'elsewhere') }} as region_scope
    from by_country

),

with_delivered_position as (

    select
        company_id,
        deployment_id,
        notice_position,
        {{ what | join(', ') }},
        sum(event_row_count) as event_row_count,
        {{ weight_sums_again() }}
    from {{ ref('int_quality_daily') }}
    where event_type in ('consent.asked', 'consent.given', 'ui.action')
    group by company_id, deployment_id, notice_position, {{ what | join(', ') }}

),

-- only notices say where they were shown; what follows from them was shown where most of the
-- deployment's notices were
positions as (

    select
        company_id,
        deployment_id,
        notice_position,
        row_number() over (
            partition by company_id, deployment_id
            order by sum(event_row_count) desc, notice_position
        ) as place
    from with_delivered_position
    where event_type = 'consent.asked' and notice_position is not null
    group by company_id, deployment_id, notice_position

),

by_deployment as (

    select
        delivered.company_id,
        delivered.deployment_id,
        coalesce(delivered.notice_position, positions.notice_position) as notice_position,
        {% for column in what -%}
        delivered.{{ column }},
        {% endfor -%}
        delivered.event_row_count,
        {{- weight_sum_names('delivered') }}
    from with_delivered_position as delivered
    left join positions
        on delivered.company_id = positions.company_id
        and coalesce(delivered.deployment_id, '') = coalesce(positions.deployment_id, '')
        and positions.place = 1

),

broken_down as (

    {% for breakdown, column, relation in breakdowns -%}
    select
        company_id,
        '{{ breakdown }}' as breakdown,
        coalesce({{ column }}, 'unknown') as value,
        {{ what | join(', ') }},
        sum(event_row_count) as event_row_count,
        {{ weight_sums_again() }}
    from {{ relation }}
    group by company_id, coalesce({{ column }}, 'unknown'), {{ what | join(', ') }}
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

-- the ten values with most events, whatever they are; `unknown` is a value, too
values_in_order as (

    select
        company_id,
        breakdown,
        value,
        row_number() over (
            partition by company_id, breakdown
            order by sum(event_row_count) desc, value
        ) as place
    from broken_down
    group by company_id, breakdown, value

),

weighted as (

    select
        broken_down.company_id,
        {{ company_columns() }},
        broken_down.breakdown,
        case when values_in_order.place <= 10 then broken_down.value else 'other' end as value,
        {% for column in what -%}
        broken_down.{{ column }},
        {% endfor -%}
        broken_down.event_row_count,
        {{ corrected_sums('broken_down') }},
        weightings.weighting_used,
        weightings.is_weighting_decided
    from broken_down
    inner join values_in_order
        on broken_down.company_id = values_in_order.company_id
        and broken_down.breakdown = values_in_order.breakdown
        and broken_down.value = values_in_order.value
    inner join weightings
        on broken_down.company_id = weightings.company_id
    inner join companies
        on broken_down.company_id = companies.company_id

),

-- of each side its rows, its events Σw, Σw², and the variance of Σw
counted as (

    select
        {{ group | join(', ') }},
        {% for side, rows in sides -%}
        cast(coalesce(sum(event_row_count) filter (where {{ rows }}), 0) as bigint) as {{ side }}_row_count,
        coalesce(sum(corrected_sum) filter (where {{ rows }}), 0) as {{ side }}_count,
        coalesce(sum(corrected_square_sum) filter (where {{ rows }}), 0) as {{ side }}_square_sum,
        sum(corrected_variance) filter (where {{ rows }}) as {{ side }}_variance
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from weighted
    group by {{ group | join(', ') }}

)

select
    company_id,
    industry_detailed,
    industry,
    hq_country,
    breakdown,
    value,
    {% for side, _ in sides -%}
    {{ side }}_row_count,
    {{ side }}_count,
    {% endfor -%}
    weighting_used,

    choice_on_notice_count / nullif(notice_count, 0) as conversion_rate_on_notice,
    {{ ratio_interval('conversion_rate_on_notice', 'choice_on_notice', 'notice', 'is_weighting_decided') }},
    1 - choice_on_notice_count / nullif(notice_count, 0) as no_choice_rate,
    {{ ratio_interval('no_choice_rate', 'choice_on_notice', 'notice', 'is_weighting_decided', is_complement=true) }},
    opt_in_count / nullif(notice_count, 0) as opt_in_rate,
    {{ ratio_interval('opt_in_rate', 'opt_in', 'notice', 'is_weighting_decided') }},
    opt_in_count / nullif(decision_count, 0) as consent_rate,
    {{ probability_interval('consent_rate', 'opt_in', 'decision', 'is_weighting_decided') }},
    clicked_opt_in_count / nullif(clicked_decision_count, 0) as clicked_consent_rate,
    {{ probability_interval('clicked_consent_rate', 'clicked_opt_in', 'clicked_decision', 'is_weighting_decided') }},
    refusal_count / nullif(decision_count, 0) as refusal_rate,
    -- holds where nobody refused, too
    {% set decisions = effective_sample_size('decision_count', 'decision_square_sum') -%}
    {{ interval_columns(
        'refusal_rate',
        'greatest(' ~ wilson_lower('refusal_count / nullif(decision_count, 0)', decisions) ~ ', 0)',
        'least(' ~ wilson_upper('refusal_count / nullif(decision_count, 0)', decisions) ~ ', 1)',
        decisions, has_enough_rows('decision_row_count'), 'is_weighting_decided',
    ) }},
    preference_opening_count / nullif(notice_count, 0) as preference_openings_per_notice,
    {{ ratio_interval('preference_openings_per_notice', 'preference_opening', 'notice', 'is_weighting_decided') }}
from counted
