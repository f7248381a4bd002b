with companies as (

    select * from {{ ref('dim_companies') }}

),

metrics as (

    select * from {{ ref('int_company_metrics') }}

),

imputed as (

    select * from {{ ref('int_company_imputed') }}

),

options as (

    {% for headline, factor, choice, metric, weighting in sensitivity_options() -%}
    select
        '{{ headline }}' as headline,
        '{{ factor }}' as factor,
        '{{ choice }}' as choice,
        '{{ metric }}' as metric,
        '{{ weighting }}' as weighting
    {%- if not loop.last %} union all {% endif %}
    {% endfor %}

),

-- imputed rates are no weighting: they add to some sums, and say nothing about their variance
valued as (

    {% for relation in ['metrics', 'imputed'] -%}
    select
        company_id,
        metric,
        weighting,
        metric_value,
        metric_lower,
        metric_upper,
        effective_sample_size,
        is_reliable
    from {{ relation }}
    {%- if not loop.last %} union all {% endif %}
    {% endfor %}

),

ranked as (

    select
        options.headline,
        options.factor,
        options.choice,
        valued.*,
        case when valued.metric_value is not null then rank() over (
            partition by options.headline, options.factor, options.choice
            order by valued.metric_value desc nulls last
        ) end as company_rank
    from options
    inner join valued
        on options.metric = valued.metric
        and options.weighting = valued.weighting

)

select
    companies.company_id,
    {{ company_columns() }},
    ranked.headline,
    ranked.factor,
    ranked.choice,
    ranked.metric_value,
    ranked.metric_lower,
    ranked.metric_upper,
    ranked.effective_sample_size,
    ranked.is_reliable,
    ranked.company_rank,
    first_value(ranked.company_rank) over (
        partition by ranked.headline, ranked.company_id
        order by case when ranked.factor = 'weighting' and ranked.choice = 'count_over_rate' then 0 else 1 end
    ) as headline_rank
from ranked
inner join companies
    on ranked.company_id = companies.company_id
