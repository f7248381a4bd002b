with measures as (

    select * from {{ ref('int_company_measures') }}

),

definitions as (

    {% for metric, kind, part, base in company_metrics() %}
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
        coalesce(part.weight_variance, 0) as part_variance
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
        {{ effective_sample_size('weight_sum', 'weight_square_sum') }} as base_size,
        {{ effective_sample_size('part_sum', 'part_square_sum') }} as part_size,
        case
            when kind = 'share' then {{ has_enough_rows('part_row_count', 'row_count - part_row_count') }}
            else {{ has_enough_rows('part_row_count', 'row_count') }} and weight_variance is not null
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
    {{ metric_value('kind') }} as metric_value,
    case when is_reliable then {{ metric_bound('kind', 'lower') }} end as metric_lower,
    case when is_reliable then {{ metric_bound('kind', 'upper') }} end as metric_upper,
    -- of a ratio: that of its weaker side
    case when kind in ('ratio', 'complement') then least(part_size, base_size) else base_size end as effective_sample_size,
    is_reliable
from judged
