with pairs as (

    select
        company_id,
        method,
        consent_status,
        direction,
        lag_seconds,
        clock_gap_seconds
    from {{ ref('int_consent_pairs') }}

),

scoped as (

    select 'all' as scope, pairs.* from pairs
    union all
    select pairs.consent_status as scope, pairs.* from pairs

),

-- forward less backward pairs up to each lag; equal lags count together
counted as (

    select
        company_id,
        method,
        scope,
        direction,
        lag_seconds,
        clock_gap_seconds,
        sum(case direction when 'forward' then 1 else -1 end) over (
            partition by company_id, method, scope
            order by lag_seconds
            range between unbounded preceding and current row
        ) as excess
    from scoped

),

-- Where it falls again, chance matches of the notice were lost to its true one, not choices: the
-- part of the choices that came by a lag never falls.
risen as (

    select
        counted.*,
        greatest(max(excess) over up_to, 0) as choices_by_lag,
        greatest(max(excess) over (partition by company_id, method, scope), 0) as choices
    from counted
    window up_to as (
        partition by company_id, method, scope
        order by lag_seconds
        range between unbounded preceding and current row
    )

)

select
    company_id,
    method,
    scope,
    direction,
    lag_seconds,
    clock_gap_seconds,
    choices_by_lag,
    choices
from risen
