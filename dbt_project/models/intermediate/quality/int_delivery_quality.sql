with companies as (

    select * from {{ ref('dim_companies') }}

),

totals as (

    select
        company_id,
        sum(event_row_count) as event_row_count
    from {{ ref('int_company_totals') }}
    group by company_id

),

-- the company of a file, where it holds only one
file_companies as (

    select
        _source_file,
        min(company_id) as company_id
    from {{ ref('int_sampling_daily') }}
    group by _source_file
    having count(distinct company_id) = 1

),

quarantined as (

    select
        coalesce(company_id, 'Unknown') as company_id,
        count(*) as row_count,
        count(case when reason = 'EVENT_ID belongs to another company' then 1 end) as foreign_row_count
    from {{ ref('stg_consent__events_quarantine') }}
    where table_name = 'events'
    group by coalesce(company_id, 'Unknown')

),

files as (

    select * from {{ ref('stg_consent__load_files') }}
    where table_name = 'events' and is_current

),

all_companies as (

    select company_id from totals
    union
    select company_id from quarantined

)

{% for check, affected in [
    ('quarantined', 'row_count'),
    ('EVENT_ID belongs to another company', 'foreign_row_count'),
] -%}
select
    all_companies.company_id,
    '{{ check }}' as check_name,
    cast(coalesce(totals.event_row_count, 0) + coalesce(quarantined.row_count, 0) as bigint) as rows_checked,
    cast(coalesce(quarantined.{{ affected }}, 0) as bigint) as rows_affected
from all_companies
left join totals
    on all_companies.company_id = totals.company_id
left join quarantined
    on all_companies.company_id = quarantined.company_id
union all
{% endfor -%}
{% for check, affected in [('duplicate in its file', 'duplicate_count'), ('payload encoded twice', 'decoded_count')] -%}
select
    coalesce(file_companies.company_id, 'Unknown') as company_id,
    '{{ check }}' as check_name,
    cast(sum(files.read_count - files.erased_count - files.expired_count) as bigint) as rows_checked,
    cast(sum(files.{{ affected }}) as bigint) as rows_affected
from files
left join file_companies
    on files.file_path = file_companies._source_file
group by coalesce(file_companies.company_id, 'Unknown')
union all
{% endfor -%}
select
    totals.company_id,
    'company not in the company file' as check_name,
    cast(totals.event_row_count as bigint) as rows_checked,
    cast(case when companies.is_listed then 0 else totals.event_row_count end as bigint) as rows_affected
from totals
inner join companies
    on totals.company_id = companies.company_id
