with companies as (

    select * from {{ ref('dim_companies') }}

),

by_type as (

    select
        company_id,
        event_type,
        sum(count_over_rate_sum) as event_count,
        cast(sum(event_row_count) as bigint) as event_row_count
    from {{ ref('int_company_totals') }}
    group by company_id, event_type

)

select
    companies.company_id,
    {{ company_columns() }},
    by_type.event_type,
    by_type.event_count,
    by_type.event_row_count,
    {{ share_of('by_type.event_count', 'companies.company_id') }} as event_share,
    {{ share_of('by_type.event_row_count', 'companies.company_id') }} as event_row_share
from companies
inner join by_type
    on companies.company_id = by_type.company_id
