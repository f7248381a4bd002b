{% set counts = ['event', 'pageview', 'consent_asked', 'consent_given', 'ui_action'] -%}

with companies as (

    select * from {{ ref('dim_companies') }}

),

metrics as (

    select * from {{ ref('int_company_metrics') }}

),

weightings as (

    select * from {{ ref('int_company_weighting') }}

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
    {% for name in counts -%}
    {{ metric_columns(name ~ '_count', name ~ '_count') }},
    {{ metric_rows(name ~ '_count', name ~ '_row_count') }},
    {% endfor -%}
    {{ metric_columns('event_count', 'corrected_event_count', 'corrected') }},
    weightings.weighting_used,
    coalesce(reach.country_count, 0) as country_count
from companies
left join metrics
    on companies.company_id = metrics.company_id
left join weightings
    on companies.company_id = weightings.company_id
left join reach
    on companies.company_id = reach.company_id
group by companies.company_id, {{ company_columns() }}, weightings.weighting_used, reach.country_count
