with companies as (

    select * from {{ ref('dim_companies') }}

),

-- in the order in which the headline takes them
methods as (

    select 'user' as method, 1 as preference
    union all
    select 'token' as method, 2 as preference
    union all
    select 'cohort' as method, 3 as preference

),

notices as (

    select
        company_id,
        cast(sum(event_row_count) as bigint) as asked_count,
        cast(sum(identified_row_count) as bigint) as identified_asked_count
    from {{ ref('int_company_totals') }}
    where event_type = 'consent.asked'
    group by company_id

),

lags as (

    select * from {{ ref('int_lag_summary') }}
    where scope = 'all'

),

doubts as (

    {{ doubted_methods(ref('evidence_checks')) }}

),

by_method as (

    select
        companies.*,
        methods.method,
        methods.preference,
        -- a notice without a user id belongs to no user, and a token knows of no notice
        case methods.method
            when 'user' then coalesce(notices.identified_asked_count, 0)
            when 'cohort' then coalesce(notices.asked_count, 0)
        end as asked_event_count
    from companies
    cross join methods
    left join notices
        on companies.company_id = notices.company_id

),

-- a token has no placebo, so its raw figures are its best
with_lags as (

    select
        by_method.*,
        coalesce(lags.pair_count, 0) as pair_count,
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
        case when by_method.method <> 'token' then coalesce(lags.placebo_pair_count, 0) end as placebo_pair_count,
        case when by_method.method <> 'token' then coalesce(lags.excess_pair_count, 0) end as excess_pair_count,
        case when by_method.method <> 'token' then coalesce(lags.excess_pair_count_lower, 0) end as excess_pair_count_lower,
        coalesce(lags.is_credible, false) and doubts.doubt is null as is_credible,
        doubts.doubt,
        coalesce(lags.corrected_median_seconds, lags.median_seconds) as best_median_seconds,
        coalesce(lags.corrected_mean_seconds, lags.mean_seconds) as best_mean_seconds
    from by_method
    left join lags
        on by_method.company_id = lags.company_id
        and by_method.method = lags.method
    left join doubts
        on by_method.company_id = doubts.company_id
        and by_method.method = doubts.method

),

with_headline as (

    select
        with_lags.*,
        coalesce(is_credible and preference = min(case when is_credible then preference end) over (
            partition by company_id
        ), false) as is_headline
    from with_lags

)

select
    company_id,
    {{ company_columns('with_headline') }},
    method,
    asked_event_count,
    pair_count,
    cast(pair_count as double precision) / nullif(asked_event_count, 0) as pair_share,
    mean_seconds,
    median_seconds,
    p90_seconds,
    placebo_mean_seconds,
    placebo_median_seconds,
    placebo_p90_seconds,
    corrected_mean_seconds,
    corrected_median_seconds,
    corrected_p90_seconds,
    timely_share,
    placebo_pair_count,
    excess_pair_count,
    excess_pair_count_lower,
    is_credible,
    doubt,
    is_headline,
    {% for column, figure in [
        ('headline_method', 'method'),
        ('headline_median_seconds', 'best_median_seconds'),
        ('headline_mean_seconds', 'best_mean_seconds'),
    ] -%}
    max(case when is_headline then {{ figure }} end) over (partition by company_id) as {{ column }},
    {% endfor -%}
    {{ consent_window() }} as window_seconds
from with_headline
