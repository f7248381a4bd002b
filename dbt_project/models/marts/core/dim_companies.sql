with companies as (

    select * from {{ ref('stg_consent__companies') }}

),

-- Files that are there. Where none is, as in a delivery of events alone, those that were there last.
files as (

    select
        file_path,
        is_present,
        max(case when is_present then 1 else 0 end) over () = 0 as all_are_gone
    from {{ ref('stg_consent__load_files') }}
    where table_name = 'companies' and is_current

),

listed as (

    select * from companies
    where company_id in (
        select lists.company_id
        from {{ ref('stg_consent__company_lists') }} as lists
        inner join files
            on lists.file_path = files.file_path
        where files.is_present or files.all_are_gone
    )

),

with_events as (

    select distinct company_id from {{ ref('int_day_loads') }}

),

all_ids as (

    select company_id from listed
    union
    select company_id from with_events

)

select
    all_ids.company_id,
    coalesce(listed.industry_detailed, 'Unknown') as industry_detailed,
    coalesce(listed.industry, 'Unknown') as industry,
    coalesce(listed.hq_country, 'Unknown') as hq_country,
    listed.company_id is not null as is_listed,
    with_events.company_id is not null as has_events
from all_ids
left join listed
    on all_ids.company_id = listed.company_id
left join with_events
    on all_ids.company_id = with_events.company_id
