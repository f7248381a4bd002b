-- Every company of a mart is in dim_companies. A row here is a mart with a company that is not.
{% set marts = [
    'company_benchmarks', 'company_consent_conversion', 'company_consent_status', 'company_event_types', 'company_hours',
    'company_performance', 'company_purposes', 'company_ranking', 'company_time_to_consent',
    'company_time_to_consent_by_status', 'company_traffic_consent', 'company_vendors', 'consent_status_reconciliation', 'delivery_coverage',
    'evidence_checks', 'experiment_arms', 'metric_changes', 'metric_sensitivity', 'purpose_compliance', 'refusal_integrity', 'sampling_diagnosis',
] %}
with marts as (

    {% for mart in marts %}
    select distinct
        '{{ mart }}' as mart,
        company_id
    from {{ ref(mart) }}
    {%- if not loop.last %} union all {% endif %}
    {% endfor %}

)

select
    marts.mart,
    marts.company_id
from marts
left join {{ ref('dim_companies') }} as companies
    on marts.company_id = companies.company_id
where companies.company_id is null
