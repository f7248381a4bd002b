with activity as (

    select * from {{ ref('int_activity_hourly') }}

),

hours as (

    select
        _source_file,
        company_id,
        hour_at,
        sum(event_row_count) as event_row_count,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at
    from activity
    group by _source_file, company_id, hour_at

),

members as (

    select distinct
        _source_file,
        company_id
    from hours

),

-- an hour in which a file has events was observed for every company of the file
observed as (

    select distinct
        _source_file,
        hour_at
    from hours

)

select
    members._source_file,
    members.company_id,
    observed.hour_at,
    cast(coalesce(hours.event_row_count, 0) as bigint) as event_row_count,
    hours.first_event_at,
    hours.last_event_at
from members
inner join observed
    on members._source_file = observed._source_file
left join hours
    on members._source_file = hours._source_file
    and members.company_id = hours.company_id
    and observed.hour_at = hours.hour_at
