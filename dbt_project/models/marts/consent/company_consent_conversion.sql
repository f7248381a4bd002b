with companies as (

    select * from {{ ref('dim_companies') }}

),

counts as (

    select
        company_id,
        {{ counts_of('consent.asked', 'consent_asked') }},
        {{ counts_of('consent.given', 'consent_given') }}
    from {{ ref('int_company_totals') }}
    group by company_id

)

select
    companies.company_id,
    {{ company_columns() }},
    coalesce(counts.consent_asked_count, 0) as consent_asked_count,
    coalesce(counts.consent_asked_row_count, 0) as consent_asked_row_count,
    coalesce(counts.consent_given_count, 0) as consent_given_count,
    coalesce(counts.consent_given_row_count, 0) as consent_given_row_count,
    -- null, not 0, where nothing was asked; above 1 where people choose without being asked again
    {{ dbt_utils.safe_divide('counts.consent_given_count', 'counts.consent_asked_count') }} as consent_conversion_rate
from companies
left join counts
    on companies.company_id = counts.company_id
