{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
        full_refresh=false,
    )
}}

with companies as (

    select * from {{ ref('dim_companies') }}

),

headlines as (

    select * from {{ ref('int_company_headlines') }}

),

{% if is_incremental() -%}
last_report as (

    select max(reported_at) as reported_at from {{ this }}

),

{% endif -%}
-- loads that no report has seen
news as (

    select count(*) as load_count
    from {{ ref('int_reported_loads') }} as loads
    {%- if is_incremental() %}
    cross join last_report
    where last_report.reported_at is null or loads.seen_at > last_report.reported_at
    {%- endif %}

)

select
    {{ dbt.current_timestamp() }} as reported_at,
    companies.company_id,
    {{ company_columns() }},
    headlines.metric,
    headlines.metric_value,
    headlines.metric_lower,
    headlines.metric_upper
from headlines
inner join companies
    on headlines.company_id = companies.company_id
cross join news
where news.load_count > 0
