with companies as (

    select * from {{ ref('dim_companies') }}

),

totals as (

    select * from {{ ref('int_company_totals') }}

),

scoped as (

    select 'all events' as scope, totals.* from totals
    union all
    select 'choices' as scope, totals.* from totals
    where event_type = 'consent.given'

),

by_status as (

    select
        company_id,
        scope,
        consent_status,
        sum(count_over_rate_sum) as event_count,
        cast(sum(event_row_count) as bigint) as event_row_count
    from scoped
    group by company_id, scope, consent_status

)

select
    companies.company_id,
    {{ company_columns() }},
    by_status.scope,
    by_status.consent_status,
    by_status.event_count,
    by_status.event_row_count,
    {{ share_of('by_status.event_count', 'companies.company_id, by_status.scope') }} as event_share,
    {{ share_of('by_status.event_row_count', 'companies.company_id, by_status.scope') }} as event_row_share
from companies
inner join by_status
    on companies.company_id = by_status.company_id
