with companies as (

    select * from {{ ref('dim_companies') }}

),

shares as (

    select * from {{ ref('int_company_shares') }}
    where scope in ('choices', 'all events')

),

by_brief as (

    select * from shares
    where weighting = 'count_over_rate'

),

by_diagnosis as (

    select * from shares
    where is_diagnosed

)

select
    companies.company_id,
    {{ company_columns() }},
    by_brief.scope,
    by_brief.part as consent_status,
    by_brief.row_count as event_row_count,
    {{ share_of('by_brief.row_count', 'companies.company_id, by_brief.scope') }} as event_row_share,
    {{ share_columns('by_brief') }},
    {{ share_columns('by_diagnosis', 'diagnosed_') }},
    by_diagnosis.weighting as weighting_used
from companies
inner join by_brief
    on companies.company_id = by_brief.company_id
inner join by_diagnosis
    on by_brief.company_id = by_diagnosis.company_id
    and by_brief.scope = by_diagnosis.scope
    and by_brief.part = by_diagnosis.part
