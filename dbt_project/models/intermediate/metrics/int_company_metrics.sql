{#-
  Name, kind, and the measures that a metric is made of. count: Σw of the base. ratio: part / base,
  two types of event. complement: 1 − part / base. share: the part of a base of one event type, a
  probability.
-#}
{% set metrics = [
    ('event_count', 'count', 'events', 'events'),
    ('pageview_count', 'count', 'pageviews', 'pageviews'),
    ('consent_asked_count', 'count', 'notices', 'notices'),
    ('consent_given_count', 'count', 'choices', 'choices'),
    ('ui_action_count', 'count', 'ui actions', 'ui actions'),
    ('conversion_rate', 'ratio', 'choices', 'notices'),
    ('conversion_rate_on_notice', 'ratio', 'choices on the notice', 'notices'),
    ('conversion_rate_clicked', 'ratio', 'clicked choices', 'notices'),
    ('consent_rate', 'share', 'opt-ins on the notice', 'decisions on the notice'),
    ('consent_rate_everywhere', 'share', 'opt-ins', 'decisions'),
    ('opt_in_rate', 'ratio', 'opt-ins on the notice', 'notices'),
    ('opt_in_rate_everywhere', 'ratio', 'opt-ins', 'notices'),
    ('no_choice_rate', 'complement', 'choices on the notice', 'notices'),
    ('no_choice_rate_everywhere', 'complement', 'choices', 'notices'),
] -%}
{% set ratio = ['part_sum', 'part_variance', 'weight_sum', 'weight_variance'] -%}

with measures as (

    select * from {{ ref('int_company_measures') }}

),

definitions as (

    {% for metric, kind, part, base in metrics %}
    select
        '{{ metric }}' as metric,
        '{{ kind }}' as kind,
        '{{ part }}' as part,
        '{{ base }}' as base
    {%- if not loop.last %} union all {% endif %}
    {% endfor %}

),

-- nothing of the base, no metric; nothing of the part, a metric of 0
sides as (

    select
        definitions.metric,
        definitions.kind,
        base.*,
        coalesce(part.row_count, 0) as part_row_count,
        coalesce(part.weight_sum, 0) as part_sum,
        coalesce(part.weight_square_sum, 0) as part_square_sum,
        part.weight_variance as part_variance
    from definitions
    inner join measures as base
        on definitions.base = base.measure
    left join measures as part
        on definitions.part = part.measure
        and base.company_id = part.company_id
        and base.weighting = part.weighting

),

judged as (

    select
        *,
        case kind
            when 'count' then weight_sum
            when 'complement' then 1 - part_sum / nullif(weight_sum, 0)
            else part_sum / nullif(weight_sum, 0)
        end as metric_value,
        {{ effective_sample_size('weight_sum', 'weight_square_sum') }} as base_size,
        {{ effective_sample_size('part_sum', 'part_square_sum') }} as part_size,
        case
            when kind = 'share' then {{ has_enough_rows('part_row_count', 'row_count - part_row_count') }}
            else {{ has_enough_rows('part_row_count', 'row_count', ['part_variance', 'weight_variance']) }}
        end as is_reliable
    from sides

)

select
    company_id,
    weighting,
    is_corrected,
    is_weighting_decided,
    metric,
    row_count,
    weight_sum as base_sum,
    part_sum,
    metric_value,
    case
        when not is_reliable then null
        when kind = 'count' then {{ count_lower('weight_sum', 'weight_variance') }}
        when kind = 'ratio' then {{ ratio_lower(*ratio) }}
        when kind = 'complement' then 1 - {{ ratio_upper(*ratio) }}
        else {{ wilson_lower('metric_value', 'base_size') }}
    end as metric_lower,
    case
        when not is_reliable then null
        when kind = 'count' then {{ count_upper('weight_sum', 'weight_variance') }}
        when kind = 'ratio' then {{ ratio_upper(*ratio) }}
        when kind = 'complement' then 1 - {{ ratio_lower(*ratio) }}
        else {{ wilson_upper('metric_value', 'base_size') }}
    end as metric_upper,
    -- a ratio tells as much as its weaker side
    case when kind in ('ratio', 'complement') then least(part_size, base_size) else base_size end as effective_sample_size,
    is_reliable
from judged
