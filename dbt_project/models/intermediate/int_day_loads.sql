{{ config(meta={'names_loads': true}) }}

-- Rows of a load can leave a group but never join it, so their number tells whether it changed.
with changes as (

    select * from {{ ref('stg_consent__event_changes') }}

),

loads_that_count as (

    select _dlt_load_id from {{ ref('int_built_loads') }}
    union
    -- an erasure brings no events, and deletes from fct_events itself
    select changed_by from changes
    group by changed_by
    having sum(joined_count) = 0

),

summed_up as (

    select
        company_id,
        event_date,
        _dlt_load_id,
        cast(sum(joined_count - left_count) as bigint) as event_row_count
    from changes
    where changed_by in (select counting._dlt_load_id from loads_that_count as counting)
    group by company_id, event_date, _dlt_load_id

),

-- until a load of this version of the project has made the change log
counted as (

    select
        company_id,
        event_date,
        _dlt_load_id,
        count(*) as event_row_count
    from {{ ref('fct_events') }}
    where not exists (select 1 from changes)
    group by company_id, event_date, _dlt_load_id

),

day_loads as (

    select * from summed_up
    where event_row_count > 0
    union all
    select * from counted

)

select
    company_id,
    event_date,
    _dlt_load_id,
    event_row_count,
    cast(event_row_count as {{ dbt.type_string() }}) as group_version
from day_loads
