with sampling as (

    select * from {{ ref('int_sampling_daily') }}

),

metrics as (

    select * from {{ ref('int_company_metrics') }}
    where weighting = 'count_over_rate'

),

by_type as (

    select
        company_id,
        event_type,
        sum(missing_rate_count) as missing_rate_count,
        -- the usual rate is rows / Σ 1/RATE: the one rate, or what several come to
        sum(inverse_rate_sum) / nullif(sum(event_row_count - missing_rate_row_count), 0) as usual_inverse_rate
    from sampling
    group by company_id, event_type

),

-- what the rows without a rate stand for beyond COUNT / 1
added as (

    select
        company_id,
        event_type,
        missing_rate_count * (coalesce(usual_inverse_rate, 1) - 1) as event_count
    from by_type

),

totals as (

    select
        company_id,
        sum(event_count) as event_count,
        sum(case when event_type = 'consent.asked' then event_count else 0 end) as consent_asked_count,
        sum(case when event_type = 'consent.given' then event_count else 0 end) as consent_given_count
    from added
    group by company_id

)

select
    metrics.company_id,
    metrics.metric,
    'imputed' as weighting,
    case metrics.metric
        when 'event_count' then metrics.metric_value + totals.event_count
        else
            (metrics.part_sum + totals.consent_given_count)
            / nullif(metrics.base_sum + totals.consent_asked_count, 0)
    end as metric_value,
    cast(null as double precision) as metric_lower,
    cast(null as double precision) as metric_upper,
    cast(null as double precision) as effective_sample_size,
    false as is_reliable
from metrics
inner join totals
    on metrics.company_id = totals.company_id
where metrics.metric in ('event_count', 'conversion_rate')
