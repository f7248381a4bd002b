{#-
  One factor at a time from the assignment's headline, which is among the choices of each factor:
  factor, choice, and the metric and weighting that give it.
-#}
{% set factors_of_both = [('missing rates', 'as 1', 'count_over_rate'), ('missing rates', 'imputed', 'imputed')] -%}
{% for weighting in weightings() + ['unweighted'] -%}
{% do factors_of_both.append(('weighting', weighting, weighting)) -%}
{% endfor -%}
{% set factors_of_conversion = [
    ('definition', 'conversion by the assignment', 'conversion_rate'),
    ('definition', 'consent rate', 'consent_rate_everywhere'),
    ('definition', 'opt-in rate', 'opt_in_rate_everywhere'),
    ('definition', 'no-choice rate', 'no_choice_rate_everywhere'),
    ('choices', 'with external and webview', 'conversion_rate'),
    ('choices', 'without external and webview', 'conversion_rate_on_notice'),
    ('choices', 'clicked only', 'conversion_rate_clicked'),
] -%}

with companies as (

    select * from {{ ref('dim_companies') }}

),

metrics as (

    select * from {{ ref('int_company_metrics') }}

),

sampling as (

    select * from {{ ref('int_sampling_daily') }}

),

options as (

    {% for headline, metric in [('conversion', 'conversion_rate'), ('volume', 'event_count')] -%}
    {% for factor, choice, weighting in factors_of_both -%}
    select '{{ headline }}' as headline, '{{ factor }}' as factor, '{{ choice }}' as choice, '{{ metric }}' as metric, '{{ weighting }}' as weighting
    union all
    {% endfor -%}
    {% endfor -%}
    {% for factor, choice, metric in factors_of_conversion -%}
    select 'conversion' as headline, '{{ factor }}' as factor, '{{ choice }}' as choice, '{{ metric }}' as metric, 'count_over_rate' as weighting
    {%- if not loop.last %}
    union all
    {%- endif %}
    {% endfor %}

),

-- the usual rate is rows / Σ 1/RATE: the one rate, or what several come to
usual_rates as (

    select
        company_id,
        event_type,
        sum(missing_rate_count) as missing_rate_count,
        sum(inverse_rate_sum) / nullif(sum(event_row_count - missing_rate_row_count), 0) as usual_inverse_rate
    from sampling
    group by company_id, event_type

),

-- what the rows without a rate stand for beyond COUNT / 1
imputed_events as (

    select
        company_id,
        event_type,
        missing_rate_count * (coalesce(usual_inverse_rate, 1) - 1) as event_count
    from usual_rates

),

imputed_counts as (

    select
        company_id,
        sum(event_count) as event_count,
        coalesce(sum(event_count) filter (where event_type = 'consent.asked'), 0) as consent_asked_count,
        coalesce(sum(event_count) filter (where event_type = 'consent.given'), 0) as consent_given_count
    from imputed_events
    group by company_id

),

-- not a weighting: imputed rates add to some sums, and say nothing about their variance
imputed as (

    select
        metrics.company_id,
        metrics.metric,
        'imputed' as weighting,
        case metrics.metric
            when 'event_count' then metrics.metric_value + imputed_counts.event_count
            else
                (metrics.part_sum + imputed_counts.consent_given_count)
                / nullif(metrics.base_sum + imputed_counts.consent_asked_count, 0)
        end as metric_value,
        cast(null as double precision) as metric_lower,
        cast(null as double precision) as metric_upper,
        cast(null as double precision) as effective_sample_size,
        false as is_reliable
    from metrics
    inner join imputed_counts
        on metrics.company_id = imputed_counts.company_id
    where metrics.metric in ('event_count', 'conversion_rate')
        and metrics.weighting = 'count_over_rate'

),

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
    {%- if not loop.last %}
    union all
    {% endif -%}
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
