with companies as (

    select * from {{ ref('dim_companies') }}

),

totals as (

    select * from {{ ref('int_company_totals') }}

),

volumes as (

    select
        company_id,
        sum(count_over_rate_sum) as event_count,
        cast(sum(event_row_count) as bigint) as event_row_count,
        {{ counts_of('pageview', 'pageview') }},
        {{ counts_of('consent.asked', 'consent_asked') }},
        {{ counts_of('consent.given', 'consent_given') }},
        {{ counts_of('ui.action', 'ui_action') }}
    from totals
    group by company_id

),

reach as (

    select
        company_id,
        count(distinct country_code) as country_count
    from {{ ref('int_consent_daily') }}
    group by company_id

)

select
    companies.company_id,
    {{ company_columns() }},
    coalesce(volumes.event_count, 0) as event_count,
    coalesce(volumes.event_row_count, 0) as event_row_count,
    {% for name in ['pageview', 'consent_asked', 'consent_given', 'ui_action'] -%}
    coalesce(volumes.{{ name }}_count, 0) as {{ name }}_count,
    coalesce(volumes.{{ name }}_row_count, 0) as {{ name }}_row_count,
    {% endfor -%}
    coalesce(reach.country_count, 0) as country_count
from companies
left join volumes
    on companies.company_id = volumes.company_id
left join reach
    on companies.company_id = reach.company_id
