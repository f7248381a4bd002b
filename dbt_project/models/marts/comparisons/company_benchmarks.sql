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
        case when company_count >= 3 then mean_value end as benchmark_value,
        company_count - case when is_reliable then 1 else 0 end >= 3 as has_three_others
    from grouped

),

-- who knows the means of an industry and of all can subtract, and might find a single company
judged as (

    select
        *,
        has_three_others and (
            benchmark = 'industry'
            or max(case when benchmark = 'industry' and has_three_others then 1 else 0 end)
                over (partition by company_id, metric, formula) = 0
        ) as is_for_company
    from shown

)

select
    companies.company_id,
    {{ company_columns() }},
    judged.metric,
    judged.formula,
    judged.weighting_used,
    judged.metric_value,
    judged.metric_lower,
    judged.metric_upper,
    judged.effective_sample_size,
    judged.is_reliable,
    judged.benchmark,
    judged.company_count,
    judged.benchmark_value,
    judged.metric_value - judged.benchmark_value as difference,
    case
        when not judged.is_reliable then null
        when judged.metric_lower > judged.benchmark_value then 'above'
        when judged.metric_upper < judged.benchmark_value then 'below'
        when judged.benchmark_value is not null then 'not distinguishable'
    end as position,
    judged.is_for_company
from judged
inner join companies
    on judged.company_id = companies.company_id
