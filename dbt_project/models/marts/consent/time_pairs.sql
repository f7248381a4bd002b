{{ config(materialized='view') }}

with pairs as (

    select * from {{ ref('int_consent_pairs') }}

),

companies as (

    select * from {{ ref('dim_companies') }}

),

countries as (

    select * from {{ ref('countries') }}

)

select
    pairs.company_id,
    {{ company_columns() }},
    pairs.method,
    pairs.direction,
    pairs.event_id,
    pairs.next_event_id,
    pairs.started_at,
    pairs.ended_at,
    pairs.event_date,
    pairs.lag_seconds,
    pairs.clock_gap_seconds,
    pairs.consent_status,
    pairs.country_code,
    countries.country_name,
    pairs.device_type,
    pairs.sdk_type
from pairs
inner join companies
    on pairs.company_id = companies.company_id
left join countries
    on pairs.country_code = countries.country_code
