with metrics as (

    select * from {{ ref('int_company_metrics') }}

),

estimates as (

    select
        metrics.*,
        'assignment' as formula,
        is_reliable as is_reliable_estimate
    from metrics
    where weighting = 'count_over_rate'
    union all
    select
        metrics.*,
        'corrected' as formula,
        is_reliable and is_weighting_decided as is_reliable_estimate
    from metrics
    where is_corrected

)

select
    company_id,
    formula,
    weighting as weighting_used,
    metric,
    metric_value,
    metric_lower,
    metric_upper,
    effective_sample_size,
    is_reliable_estimate as is_reliable
from estimates
