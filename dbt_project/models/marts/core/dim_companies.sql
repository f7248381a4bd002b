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

domains as (

    select
        company_id,
        domain,
        sum(event_row_count) as event_row_count
    from {{ ref('int_consent_daily') }}
    where domain is not null
    group by company_id, domain

),

with_owners as (

    select
        *,
        count(*) over (partition by domain) as company_count
    from domains

),

-- a domain names a company if no other company has it; of several, the one with most events
own_domains as (

    select
        company_id,
        domain,
        row_number() over (partition by company_id order by event_row_count desc, domain asc) as place
    from with_owners
    where company_count = 1

),

all_ids as (

    select company_id from listed
    union
    select company_id from with_events

),

named as (

    select
        all_ids.company_id,
        coalesce(own_domains.domain, substring(all_ids.company_id, 1, 8)) as short_name
    from all_ids
    left join own_domains
        on all_ids.company_id = own_domains.company_id
        and own_domains.place = 1

),

-- where two would have the same name, both go by their keys
with_namesakes as (

    select
        *,
        count(*) over (partition by short_name) as namesake_count
    from named

)

select
    with_namesakes.company_id,
    case when with_namesakes.namesake_count = 1 then with_namesakes.short_name else with_namesakes.company_id end as company_name,
    coalesce(listed.industry_detailed, 'Unknown') as industry_detailed,
    coalesce(listed.industry, 'Unknown') as industry,
    coalesce(listed.hq_country, 'Unknown') as hq_country,
    listed.company_id is not null as is_listed,
    with_events.company_id is not null as has_events
from with_namesakes
left join listed
    on with_namesakes.company_id = listed.company_id
left join with_events
    on with_namesakes.company_id = with_events.company_id
