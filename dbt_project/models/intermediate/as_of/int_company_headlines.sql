with readings as (

    select * from {{ ref('int_company_readings') }}

),

times as (

    select * from {{ ref('company_time_to_consent') }}
    where is_headline

)

{% for name, metric, reading in [
    ('consent_conversion_rate', 'conversion_rate', 'brief'),
    ('diagnosed_conversion_rate', 'conversion_rate', 'diagnosed'),
    ('consent_rate', 'consent_rate', 'diagnosed'),
    ('event_count', 'event_count', 'brief'),
    ('diagnosed_event_count', 'event_count', 'diagnosed'),
] -%}
select
    company_id,
    '{{ name }}' as metric,
    metric_value,
    metric_lower,
    metric_upper
from readings
where metric = '{{ metric }}' and reading = '{{ reading }}'
union all
{% endfor -%}
select
    company_id,
    'median_seconds_to_consent' as metric,
    headline_median_seconds as metric_value,
    cast(null as double precision) as metric_lower,
    cast(null as double precision) as metric_upper
from times
