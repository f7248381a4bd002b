{{ config(materialized='view') }}

with daily as (

    select * from {{ ref('int_consent_daily') }}

),

companies as (

    select * from {{ ref('dim_companies') }}

),

countries as (

    select * from {{ ref('countries') }}

),

weightings as (

    select * from {{ ref('int_company_weighting') }}

),

-- the kept groups are parts by load
added_up as (

    select
        company_id,
        event_date,
        country_code,
        device_type,
        sdk_type,
        event_type,
        consent_status,
        action,
        cast(sum(event_row_count) as bigint) as event_row_count,
        {{ weight_sums_again() }}
    from daily
    group by
        company_id, event_date, country_code, device_type,
        sdk_type, event_type, consent_status, action

)

select
    added_up.company_id,
    {{ company_columns() }},
    added_up.event_date,
    added_up.country_code,
    countries.country_name,
    added_up.device_type,
    added_up.sdk_type,
    added_up.event_type,
    added_up.consent_status,
    added_up.action,
    {{ is_on_notice('added_up.action') }} as is_on_notice,
    added_up.event_row_count,
    {{ weight_sum_names('added_up') }},
    {{ corrected_sums('added_up') }}
from added_up
inner join companies
    on added_up.company_id = companies.company_id
left join weightings
    on added_up.company_id = weightings.company_id
left join countries
    on added_up.country_code = countries.country_code
