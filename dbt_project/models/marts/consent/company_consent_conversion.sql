{% set rates = ['conversion_rate_on_notice', 'consent_rate', 'opt_in_rate', 'no_choice_rate'] -%}

with companies as (

    select * from {{ ref('dim_companies') }}

),

metrics as (

    select * from {{ ref('int_company_metrics') }}

),

weightings as (

    select * from {{ ref('int_company_weighting') }}

)

select
    companies.company_id,
    {{ company_columns() }},
    {% for name in ['consent_asked', 'consent_given'] -%}
    {{ metric_columns(name ~ '_count', name ~ '_count') }},
    {{ metric_rows(name ~ '_count', name ~ '_row_count') }},
    {% endfor -%}
    -- null, not 0, where nothing was asked; above 1 where people choose without being asked again
    {{ metric_columns('conversion_rate', 'consent_conversion_rate') }},
    {{ metric_columns('conversion_rate', 'corrected_consent_conversion_rate', 'corrected', prefix='') }},
    weightings.weighting_used,
    -- what professionals look at, by the corrected weighting
    {% for rate in rates -%}
    {{ metric_columns(rate, rate, 'corrected') }}
    {%- if not loop.last %},{% endif %}
    {% endfor %}
from companies
left join metrics
    on companies.company_id = metrics.company_id
left join weightings
    on companies.company_id = weightings.company_id
group by companies.company_id, {{ company_columns() }}, weightings.weighting_used
