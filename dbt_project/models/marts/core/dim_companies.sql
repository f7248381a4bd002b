with listed as (

    select * from {{ ref('stg_consent__companies') }}

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
