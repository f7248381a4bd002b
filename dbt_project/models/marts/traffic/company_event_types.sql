with companies as (

    select * from {{ ref('dim_companies') }}

),

shares as (

    select * from {{ ref('int_company_shares') }}
    where scope = 'event types'

),

assigned as (

    select * from shares
    where weighting = 'count_over_rate'

),

corrected as (

    select * from shares
    where is_corrected

)

select
    companies.company_id,
    {{ company_columns() }},
    assigned.part as event_type,
    assigned.row_count as event_row_count,
    {{ share_of('assigned.row_count', 'companies.company_id') }} as event_row_share,
    {{ share_columns('assigned') }},
    {{ share_columns('corrected', 'corrected_') }},
    corrected.weighting as weighting_used
from companies
inner join assigned
    on companies.company_id = assigned.company_id
inner join corrected
    on assigned.company_id = corrected.company_id
    and assigned.part = corrected.part
