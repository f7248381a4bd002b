with companies as (

    select * from {{ ref('dim_companies') }}

),

asked as (

    select
        company_id,
        sum(event_row_count) as asked_count,
        sum(identified_row_count) as identified_asked_count
    from {{ ref('int_company_totals') }}
    where event_type = 'consent.asked'
    group by company_id

),

methods as (

    select 'user' as method
    union all
    select 'cohort' as method
    union all
    select 'token' as method

),

lags as (

    select
        company_id,
        method,
        count(*) as pair_count,
        avg(lag_seconds) as mean_seconds,
        percentile_cont(0.5) within group (order by lag_seconds) as median_seconds,
        percentile_cont(0.9) within group (order by lag_seconds) as p90_seconds
    from {{ ref('int_consent_pairs') }}
    where direction = 'forward'
    group by company_id, method

),

counted as (

    select
        companies.company_id,
        {{ company_columns() }},
        methods.method,
        -- what the method can match: a notice without a user id belongs to no user, a token knows of no notice
        cast(case methods.method
            when 'user' then coalesce(asked.identified_asked_count, 0)
            when 'cohort' then coalesce(asked.asked_count, 0)
        end as bigint) as asked_event_count
    from companies
    cross join methods
    left join asked
        on companies.company_id = asked.company_id

)

select
    counted.company_id,
    {{ company_columns('counted') }},
    counted.method,
    counted.asked_event_count,
    coalesce(lags.pair_count, 0) as pair_count,
    {{ dbt_utils.safe_divide('cast(lags.pair_count as double precision)', 'counted.asked_event_count') }} as pair_share,
    lags.mean_seconds,
    lags.median_seconds,
    lags.p90_seconds
from counted
left join lags
    on counted.company_id = lags.company_id
    and counted.method = lags.method
