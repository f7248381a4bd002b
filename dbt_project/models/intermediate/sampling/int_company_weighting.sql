with sampling as (

    select * from {{ ref('int_sampling_daily') }}

),

by_company as (

    select
        company_id,
        sum(sampled_row_count) as sampled_row_count,
        sum(matching_row_count) as matching_row_count,
        sum(missing_rate_row_count) < sum(event_row_count) as has_rates
    from sampling
    group by company_id

),

judged as (

    select
        company_id,
        cast(sampled_row_count as bigint) as sampled_row_count,
        cast(matching_row_count as bigint) as matching_row_count,
        has_rates,
        {{ sampling_verdict('sampled_row_count', 'matching_row_count') }} as own_verdict,
        {{ sampling_verdict('sum(sampled_row_count) over ()', 'sum(matching_row_count) over ()') }} as overall_verdict
    from by_company

),

-- A company with too few sampled rows is assumed to be delivered like the others. A company whose own
-- rows contradict each other is not.
settled as (

    select
        *,
        case when sampled_row_count < 20 then overall_verdict else own_verdict end as verdict
    from judged

)

select
    company_id,
    sampled_row_count,
    matching_row_count,
    has_rates,
    own_verdict,
    verdict,
    case when verdict = 'COUNT is already the weight' then 'count' else 'count_over_rate' end as weighting_used,
    -- Where nothing was sampled, all weightings are the same. Without any RATE nobody knows whether
    -- something was.
    has_rates and (verdict <> 'undecided' or sampled_row_count = 0) as is_weighting_decided
from settled
