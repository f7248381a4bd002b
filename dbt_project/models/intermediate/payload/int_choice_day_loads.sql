with daily as (

    select * from {{ ref('int_consent_daily') }}

),

-- as of int_day_loads: rows of a load can leave a group but never join it
counted as (

    select
        company_id,
        event_date,
        _dlt_load_id,
        cast(sum(event_row_count) as bigint) as event_row_count
    from daily
    where event_type in ('consent.asked', 'consent.given')
    group by company_id, event_date, _dlt_load_id

)

select
    company_id,
    event_date,
    _dlt_load_id,
    event_row_count,
    cast(event_row_count as {{ dbt.type_string() }}) as group_version
from counted
