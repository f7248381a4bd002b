with companies as (

    select * from {{ ref('dim_companies') }}

),

lags as (

    select * from {{ ref('int_lag_summary') }}
    where scope <> 'all'

),

doubts as (

    {{ doubted_methods(ref('evidence_checks')) }}

),

headlines as (

    select
        company_id,
        headline_method
    from {{ ref('company_time_to_consent') }}
    where is_headline

)

select
    companies.company_id,
    {{ company_columns() }},
    lags.method,
    lags.scope as consent_status,
    lags.pair_count,
    lags.mean_seconds,
    lags.median_seconds,
    lags.p90_seconds,
    lags.placebo_mean_seconds,
    lags.placebo_median_seconds,
    lags.placebo_p90_seconds,
    lags.corrected_mean_seconds,
    lags.corrected_median_seconds,
    lags.corrected_p90_seconds,
    lags.timely_share,
    lags.placebo_pair_count,
    lags.excess_pair_count,
    lags.excess_pair_count_lower,
    lags.is_credible and doubts.doubt is null as is_credible,
    -- the method of the company's headline, so that statuses are compared by one method
    coalesce(lags.method = headlines.headline_method, false) as is_headline,
    {{ consent_window() }} as window_seconds
from companies
inner join lags
    on companies.company_id = lags.company_id
left join doubts
    on lags.company_id = doubts.company_id
    and lags.method = doubts.method
left join headlines
    on companies.company_id = headlines.company_id
