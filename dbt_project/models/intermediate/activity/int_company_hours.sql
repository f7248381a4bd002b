{% set counts = [('event', 'true'), ('consent_asked', "event_type = 'consent.asked'"), ('consent_given', "event_type = 'consent.given'")] -%}

with activity as (

    select * from {{ ref('int_activity_hourly') }}

),

weightings as (

    select * from {{ ref('int_company_weighting') }}

),

estimates as (

    {% for formula in ['assignment', 'corrected'] -%}
    select
        '{{ formula }}' as formula,
        activity.company_id,
        activity.hour_at,
        activity.event_type,
        activity.event_row_count,
        {% for part in ['sum', 'square_sum', 'variance'] -%}
        {% if formula == 'assignment' -%}
        activity.count_over_rate_{{ part }} as weight_{{ part }},
        {% else -%}
        {{ corrected('activity', part) }} as weight_{{ part }},
        {% endif -%}
        {% endfor -%}
        {{ 'true' if formula == 'assignment' else 'weightings.is_weighting_decided' }} as is_decided
    from activity
    inner join weightings
        on activity.company_id = weightings.company_id
    {%- if not loop.last %} union all {% endif %}
    {% endfor %}

)

select
    formula,
    company_id,
    hour_at,
    is_decided,
    {% for name, rows in counts -%}
    cast(coalesce(sum(case when {{ rows }} then event_row_count end), 0) as bigint) as {{ name }}_row_count,
    {% for part in ['sum', 'square_sum', 'variance'] -%}
    coalesce(sum(case when {{ rows }} then weight_{{ part }} end), 0) as {{ name }}_{{ part }}
    {%- if not loop.last %},{% endif %}
    {% endfor -%}
    {%- if not loop.last %},{% endif %}
    {% endfor %}
from estimates
group by formula, company_id, hour_at, is_decided
