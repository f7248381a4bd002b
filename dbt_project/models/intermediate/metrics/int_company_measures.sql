{% set given = "event_type = 'consent.given'" -%}
{% set measures = [
    ('events', ['true']),
    ('pageviews', ["event_type = 'pageview'"]),
    ('notices', ["event_type = 'consent.asked'"]),
    ('ui actions', ["event_type = 'ui.action'"]),
    ('choices', [given]),
    ('choices on the notice', [given, 'is_on_notice']),
    ('clicked choices', [given, 'is_clicked']),
    ('opt-ins', [given, 'is_opt_in']),
    ('opt-ins on the notice', [given, 'is_opt_in', 'is_on_notice']),
    ('decisions', [given, 'is_decision']),
    ('decisions on the notice', [given, 'is_decision', 'is_on_notice']),
] -%}

with totals as (

    select * from {{ ref('int_company_totals') }}

),

-- the weightings one below the other
weighted as (

    {% for weighting in weightings() -%}
    select
        totals.*,
        '{{ weighting }}' as weighting,
        {{ weighting }}_sum as weight_sum,
        {{ weighting }}_square_sum as weight_square_sum,
        {{ weighting }}_variance as weight_variance
    from totals
    union all
    {% endfor -%}
    select
        totals.*,
        'unweighted' as weighting,
        cast(event_row_count as double precision) as weight_sum,
        cast(event_row_count as double precision) as weight_square_sum,
        -- rows as such estimate nothing about the log
        cast(null as double precision) as weight_variance
    from totals

),

measured as (

    {% for measure, conditions in measures %}
    select
        '{{ measure }}' as measure,
        company_id,
        weighting,
        weighting = weighting_used as is_corrected,
        is_weighting_decided,
        cast(sum(event_row_count) as bigint) as row_count,
        sum(weight_sum) as weight_sum,
        sum(weight_square_sum) as weight_square_sum,
        sum(weight_variance) as weight_variance
    from weighted
    where {{ conditions | join(' and ') }}
    group by company_id, weighting, weighting_used, is_weighting_decided
    {%- if not loop.last %} union all {% endif %}
    {% endfor %}

)

select * from measured
