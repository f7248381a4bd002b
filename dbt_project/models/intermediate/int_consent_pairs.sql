with matched as (

    select * from {{ ref('int_matched_pairs') }}

),

choices as (

    select * from {{ ref('fct_events') }}
    where event_type = 'consent.given'

),

-- a token holds both of its times, so nothing has to be matched
tokens as (

    select
        'token' as method,
        'forward' as direction,
        company_id,
        event_date,
        event_id,
        cast(null as {{ dbt.type_string() }}) as next_event_id,
        consent_status,
        {{ seconds_between('token_created_at', 'token_updated_at') }} as lag_seconds
    from choices

)

select
    method,
    direction,
    company_id,
    event_date,
    event_id,
    next_event_id,
    consent_status,
    lag_seconds
from matched
union all
select
    method,
    direction,
    company_id,
    event_date,
    event_id,
    next_event_id,
    consent_status,
    lag_seconds
from tokens
where lag_seconds between 0 and {{ consent_window() }}
