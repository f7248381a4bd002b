with companies as (

    select * from {{ ref('dim_companies') }}

),

estimates as (

    select * from {{ ref('int_company_estimates') }}
    where metric in ('conversion_rate', 'consent_rate', 'event_count')

),

-- companies without an interval are not ranked among the others
ranked as (

    select
        estimates.*,
        rank() over (
            partition by metric, formula, is_reliable
            order by metric_value desc
        ) as value_rank,
        count(*) over (partition by metric, formula, is_reliable) as company_count
    from estimates

),

-- A company is certainly behind another whose interval lies wholly above its own. In one pass rather
-- than pair by pair: read from the top, the lower bounds that come before a company's upper bound are
-- those of the intervals wholly above it; read from the bottom, the upper bounds that come before its
-- lower bound are those of the intervals wholly below.
bounds as (

    {% for side, own, other in [
        ('above', '-metric_upper', '-metric_lower'),
        ('below', 'metric_lower', 'metric_upper'),
    ] -%}
    select '{{ side }}' as side, metric, formula, company_id, {{ own }} as bound, 0 as is_other from estimates
    where is_reliable
    union all
    select '{{ side }}' as side, metric, formula, company_id, {{ other }} as bound, 1 as is_other from estimates
    where is_reliable
    {%- if not loop.last %}
    union all
    {% endif -%}
    {% endfor %}

),

-- equal bounds overlap, so a company's own one comes first
passed as (

    select
        *,
        sum(is_other) over (
            partition by side, metric, formula
            order by bound, is_other
            rows between unbounded preceding and current row
        ) as other_count
    from bounds

),

distances as (

    select
        metric,
        formula,
        company_id,
        max(other_count) filter (where side = 'above') as above_count,
        max(other_count) filter (where side = 'below') as below_count
    from passed
    where is_other = 0
    group by metric, formula, company_id

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
