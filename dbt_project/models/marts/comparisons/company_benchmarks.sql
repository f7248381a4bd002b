with companies as (

    select * from {{ ref('dim_companies') }}

),

estimates as (

    select
        estimates.*,
        companies.industry
    from {{ ref('int_company_estimates') }} as estimates
    inner join companies
        on estimates.company_id = companies.company_id
    where (estimates.metric = 'conversion_rate' or estimates.formula = 'corrected')
        and estimates.metric in ('conversion_rate', 'conversion_rate_on_notice', 'consent_rate', 'opt_in_rate', 'no_choice_rate')

),

benchmarked as (

    select *, 'industry' as benchmark, industry as benchmark_group from estimates
    -- companies of unknown industry have nothing in common
    where industry <> 'Unknown'
    union all
    select *, 'all' as benchmark, 'all' as benchmark_group from estimates

),

grouped as (

    select
        *,
        sum(case when is_reliable then 1 else 0 end) over benchmark_members as company_count,
        avg(case when is_reliable then metric_value end) over benchmark_members as mean_value
    from benchmarked
    window benchmark_members as (partition by benchmark, benchmark_group, metric, formula)

),

-- With two companies, each could compute the other's value. The mean is shown rather than the median,
-- since the median of three is the value of one of them.
shown as (

    select
        *,
        case when company_count >= 3 then mean_value end as benchmark_value
    from grouped

)

select
    companies.company_id,
    {{ company_columns() }},
    shown.metric,
    shown.formula,
    shown.weighting_used,
    shown.metric_value,
    shown.metric_lower,
    shown.metric_upper,
    shown.effective_sample_size,
    shown.is_reliable,
    shown.benchmark,
    shown.company_count,
    shown.benchmark_value,
    shown.metric_value - shown.benchmark_value as difference,
    case
        when not shown.is_reliable then null
        when shown.metric_lower > shown.benchmark_value then 'above'
        when shown.metric_upper < shown.benchmark_value then 'below'
        when shown.benchmark_value is not null then 'not distinguishable'
    end as position
from shown
inner join companies
    on shown.company_id = companies.company_id
