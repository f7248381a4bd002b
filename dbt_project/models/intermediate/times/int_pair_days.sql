with day_loads as (

    select * from {{ ref('int_day_loads') }}

),

days as (

    select
        company_id,
        event_date,
        {{ dbt.listagg("_dlt_load_id || ':' || group_version", "','", "order by _dlt_load_id") }} as day_version
    from day_loads
    group by company_id, event_date

),

-- the answer to a notice shown before midnight may come on the next day
with_next_day as (

    select
        days.company_id,
        days.event_date,
        days.day_version || ';' || coalesce(next_days.day_version, '') || ';{{ consent_window() }}' as versions
    from days
    left join days as next_days
        on days.company_id = next_days.company_id
        and {{ next_day('days.event_date') }} = next_days.event_date

)

select
    company_id,
    event_date,
    md5(versions) as group_version
from with_next_day
