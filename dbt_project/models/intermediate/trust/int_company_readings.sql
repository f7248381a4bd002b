with metrics as (

    select * from {{ ref('int_company_metrics') }}

),

readings as (

    select
        metrics.*,
        'brief' as reading,
        is_reliable as is_reliable_reading
    from metrics
    where weighting = 'count_over_rate'
    union all
    select
        metrics.*,
        'diagnosed' as reading,
        is_reliable and is_weighting_decided as is_reliable_reading
    from metrics
    where is_diagnosed

)

select
    company_id,
    reading,
    weighting as weighting_used,
    metric,
    metric_value,
    metric_lower,
    metric_upper,
    effective_sample_size,
    is_reliable_reading as is_reliable
from readings
