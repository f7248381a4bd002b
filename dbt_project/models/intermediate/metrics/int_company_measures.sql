{% set given = "event_type = 'consent.given'" %}
{% set on_notice = 'is_on_notice' %}
{% set opt_in = "consent_status in ('full opt-in', 'partial opt-in')" %}
{% set decided = "consent_status in ('full opt-in', 'partial opt-in', 'opt-out')" %}
{% set measures = [
    ('events', ['true']),
    ('pageviews', ["event_type = 'pageview'"]),
    ('notices', ["event_type = 'consent.asked'"]),
    ('ui actions', ["event_type = 'ui.action'"]),
    ('choices', [given]),
    ('choices on the notice', [given, on_notice]),
    ('opt-ins', [given, opt_in]),
    ('opt-ins on the notice', [given, opt_in, on_notice]),
    ('decisions', [given, decided]),
    ('decisions on the notice', [given, decided, on_notice]),
] -%}

with weighted as (

    select * from {{ ref('int_company_weighted') }}

),

measured as (

    {% for measure, conditions in measures %}
    select
        '{{ measure }}' as measure,
        company_id,
        weighting,
        is_corrected,
        is_weighting_decided,
        cast(sum(row_count) as bigint) as row_count,
        sum(weight_sum) as weight_sum,
        sum(weight_square_sum) as weight_square_sum,
        sum(weight_variance) as weight_variance
    from weighted
    where {{ conditions | join(' and ') }}
    group by company_id, weighting, is_corrected, is_weighting_decided
    {%- if not loop.last %} union all {% endif %}
    {% endfor %}

)

select * from measured
