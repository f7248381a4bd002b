with companies as (

    select * from {{ ref('dim_companies') }}

),

readings as (

    select
        readings.*,
        companies.industry
    from {{ ref('int_company_readings') }} as readings
    inner join companies
        on readings.company_id = companies.company_id
    where (readings.metric = 'conversion_rate' or readings.reading = 'diagnosed')
        and readings.metric in ('conversion_rate', 'conversion_rate_on_notice', 'consent_rate', 'opt_in_rate', 'no_choice_rate')

),

benchmarked as (

    select *, 'industry' as benchmark, industry as benchmark_group from readings
    -- not knowing the industry is nothing that companies have in common
    where industry <> 'Unknown'
    union all
    select *, 'all' as benchmark, 'all' as benchmark_group from readings

),

grouped as (

    select
        *,
        sum(case when is_reliable then 1 else 0 end) over benchmark_members as company_count,
        avg(case when is_reliable then metric_value end) over benchmark_members as mean_value
    from benchmarked
    window benchmark_members as (partition by benchmark, benchmark_group, metric, reading)

),

-- with two companies, each can compute the other (a median of three would be the very value of one)
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
    shown.reading,
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
