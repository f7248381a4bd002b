{{ config(meta={'names_loads': true}) }}

with events as (

    select * from {{ ref('fct_events') }}

),

-- Rows of a load can leave a group but never join it, so their number tells whether it changed.
counted as (

    select
        company_id,
        event_date,
        _dlt_load_id,
        count(*) as event_row_count
    from events
    group by company_id, event_date, _dlt_load_id

)

select
    company_id,
    event_date,
    _dlt_load_id,
    event_row_count,
    cast(event_row_count as {{ dbt.type_string() }}) as group_version
from counted
