with estimates as (

    select * from {{ ref('int_company_estimates') }}

),

times as (

    select * from {{ ref('company_time_to_consent') }}
    where is_headline

)

{% for name, metric, formula in [
    ('consent_conversion_rate', 'conversion_rate', 'assignment'),
    ('corrected_consent_conversion_rate', 'conversion_rate', 'corrected'),
    ('consent_rate', 'consent_rate', 'corrected'),
    ('event_count', 'event_count', 'assignment'),
    ('corrected_event_count', 'event_count', 'corrected'),
] -%}
select
    company_id,
    '{{ name }}' as metric,
    metric_value,
    metric_lower,
    metric_upper
from estimates
where metric = '{{ metric }}' and formula = '{{ formula }}'
union all
{% endfor -%}
select
    company_id,
    'median_seconds_to_consent' as metric,
    headline_median_seconds as metric_value,
    cast(null as double precision) as metric_lower,
    cast(null as double precision) as metric_upper
from times
