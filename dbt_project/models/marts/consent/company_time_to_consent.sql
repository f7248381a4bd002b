with companies as (

    select * from {{ ref('dim_companies') }}

),

methods as (

    select * from {{ ref('int_method_notices') }}

),

lags as (

    select * from {{ ref('int_lag_summary') }}
    where scope = 'all'

),

by_method as (

    select
        methods.*,
        coalesce(lags.pair_count, 0) as pair_count,
        {{ lag_columns('lags') }},
        {% for column in ['placebo_pair_count', 'excess_pair_count', 'excess_pair_count_lower'] -%}
        case when methods.method <> 'token' then coalesce(lags.{{ column }}, 0) end as {{ column }},
        {% endfor -%}
        -- a token has nothing to be corrected by
        coalesce(lags.corrected_median_seconds, lags.median_seconds) as best_median_seconds,
        coalesce(lags.corrected_mean_seconds, lags.mean_seconds) as best_mean_seconds,
        coalesce(lags.is_credible, false) as is_credible,
        case when lags.is_credible then methods.preference end as credible_preference
    from methods
    left join lags
        on methods.company_id = lags.company_id
        and methods.method = lags.method

),

headlines as (

    select
        by_method.*,
        coalesce(credible_preference = min(credible_preference) over (partition by company_id), false) as is_headline
    from by_method

)

select
    companies.company_id,
    {{ company_columns() }},
    headlines.method,
    headlines.asked_event_count,
    headlines.pair_count,
    {{ dbt_utils.safe_divide('cast(headlines.pair_count as double precision)', 'headlines.asked_event_count') }} as pair_share,
    {{ lag_columns('headlines') }},
    headlines.placebo_pair_count,
    headlines.excess_pair_count,
    headlines.excess_pair_count_lower,
    headlines.is_credible,
    headlines.is_headline,
    {% for headline, column in [
        ('method', 'method'), ('median_seconds', 'best_median_seconds'), ('mean_seconds', 'best_mean_seconds'),
    ] -%}
    max(case when headlines.is_headline then headlines.{{ column }} end) over (
        partition by companies.company_id
    ) as headline_{{ headline }},
    {% endfor -%}
    {{ consent_window() }} as window_seconds
from companies
inner join headlines
    on companies.company_id = headlines.company_id
