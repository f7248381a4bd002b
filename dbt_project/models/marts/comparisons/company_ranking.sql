with companies as (

    select * from {{ ref('dim_companies') }}

),

estimates as (

    select * from {{ ref('int_company_estimates') }}
    where metric in ('conversion_rate', 'consent_rate', 'event_count')

),

distances as (

    select * from {{ ref('int_company_distances') }}

),

-- companies without an interval have no place among the others
ranked as (

    select
        estimates.*,
        rank() over (
            partition by metric, formula, is_reliable
            order by metric_value desc
        ) as value_rank,
        count(*) over (partition by metric, formula, is_reliable) as company_count
    from estimates

)

select
    companies.company_id,
    {{ company_columns() }},
    ranked.metric,
    ranked.formula,
    ranked.weighting_used,
    ranked.metric_value,
    ranked.metric_lower,
    ranked.metric_upper,
    ranked.effective_sample_size,
    ranked.is_reliable,
    case when ranked.is_reliable then ranked.value_rank end as company_rank,
    cast(1 + distances.above_count as bigint) as best_rank,
    cast(ranked.company_count - distances.below_count as bigint) as worst_rank,
    case when ranked.is_reliable then ranked.company_count end as ranked_company_count
from ranked
inner join companies
    on ranked.company_id = companies.company_id
left join distances
    on ranked.metric = distances.metric
    and ranked.formula = distances.formula
    and ranked.company_id = distances.company_id
