with companies as (

    select * from {{ ref('dim_companies') }}

),

-- what the file held when it was loaded; other files may have replaced rows since
delivered as (

    select
        file_path,
        read_count as file_row_count,
        count(*) over (partition by read_count) as files_with_as_many_rows
    from {{ ref('stg_consent__load_files') }}
    where table_name = 'events' and is_current

),

file_hours as (

    select * from {{ ref('int_file_hours') }}

),

covered as (

    select
        _source_file as file_path,
        company_id,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at,
        count(*) as observed_hour_count,
        count(first_event_at) as active_hour_count,
        cast(sum(event_row_count) as bigint) as event_row_count,
        count(*) over (partition by _source_file) as company_count
    from file_hours
    group by _source_file, company_id

),

judged as (

    select
        covered.*,
        {{ seconds_between('first_event_at', 'last_event_at') }} / 3600 as span_hours,
        delivered.file_row_count,
        delivered.files_with_as_many_rows,
        -- A number of rows at which a delivery was cut rather than done: several files share it, or it
        -- is round. By chance one file in a hundred has a multiple of 100.
        coalesce(
            delivered.file_row_count >= 100
            and (delivered.files_with_as_many_rows > 1 or mod(delivered.file_row_count, 100) = 0),
            false
        ) as has_row_limit,
        -- whole deliveries cover days
        covered.observed_hour_count <= 24 as is_narrow
    from covered
    left join delivered
        on covered.file_path = delivered.file_path

)

select
    judged.file_path,
    companies.company_id,
    {{ company_columns() }},
    judged.first_event_at,
    judged.last_event_at,
    judged.span_hours,
    judged.observed_hour_count,
    judged.active_hour_count,
    judged.event_row_count,
    judged.file_row_count,
    judged.files_with_as_many_rows,
    judged.has_row_limit,
    judged.has_row_limit and judged.is_narrow as is_capped,
    case
        when judged.has_row_limit and judged.is_narrow
            then 'Cut at ' || judged.file_row_count || ' rows, all in ' || judged.observed_hour_count || ' clock hour(s): volumes are lower bounds, to be compared by observed hour at most.'
        when judged.has_row_limit
            then 'Exactly ' || judged.file_row_count || ' rows, though over ' || judged.observed_hour_count || ' clock hours: perhaps cut.'
        else 'Nothing speaks for a cut: ' || judged.event_row_count || ' rows in ' || judged.observed_hour_count || ' clock hour(s).'
    end as conclusion,
    -- with one or two others in the file, its rows would tell theirs
    judged.company_count = 1 or judged.company_count >= 4 as is_for_company
from judged
inner join companies
    on judged.company_id = companies.company_id
