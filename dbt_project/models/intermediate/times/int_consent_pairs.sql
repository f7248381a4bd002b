with matched as (

    select * from {{ ref('int_matched_pairs') }}

),

tokens as (

    select * from {{ ref('int_token_lags') }}

)

select
    method,
    direction,
    company_id,
    event_date,
    event_id,
    next_event_id,
    started_at,
    ended_at,
    consent_status,
    country_code,
    device_type,
    sdk_type,
    lag_seconds,
    cast(null as double precision) as clock_gap_seconds
from matched
union all
-- a token holds both of its times, so nothing has to be matched
select
    'token' as method,
    'forward' as direction,
    company_id,
    event_date,
    event_id,
    cast(null as {{ dbt.type_string() }}) as next_event_id,
    token_created_at as started_at,
    token_updated_at as ended_at,
    consent_status,
    country_code,
    device_type,
    sdk_type,
    lag_seconds,
    clock_gap_seconds
from tokens
where lag_seconds between 0 and {{ consent_window() }}
