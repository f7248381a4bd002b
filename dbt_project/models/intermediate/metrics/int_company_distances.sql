with estimates as (

    select * from {{ ref('int_company_estimates') }}
    where is_reliable

),

-- how many intervals lie wholly above: the lower bounds that come before the own upper bound from
-- the top; how many wholly below: the upper bounds before the own lower bound from the bottom
bounds as (

    {% for side, own, other in [
        ('above', '-metric_upper', '-metric_lower'),
        ('below', 'metric_lower', 'metric_upper'),
    ] %}
    select '{{ side }}' as side, metric, formula, company_id, {{ own }} as bound, 0 as is_other from estimates
    union all
    select '{{ side }}' as side, metric, formula, company_id, {{ other }} as bound, 1 as is_other from estimates
    {%- if not loop.last %} union all {% endif %}
    {% endfor %}

),

-- equal bounds overlap, so the own one comes first
counted as (

    select
        *,
        sum(is_other) over (
            partition by side, metric, formula
            order by bound, is_other
            rows between unbounded preceding and current row
        ) as other_count
    from bounds

)

select
    metric,
    formula,
    company_id,
    max(case when side = 'above' then other_count end) as above_count,
    max(case when side = 'below' then other_count end) as below_count
from counted
where is_other = 0
group by metric, formula, company_id
