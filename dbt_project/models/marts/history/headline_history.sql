{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
        full_refresh=false,
        meta={'layout': 2},
        pre_hook="{{ rename_reported_metrics() if has_older_layout(2) }}",
    )
}}

with companies as (

    select * from {{ ref('dim_companies') }}

),

estimates as (

    select * from {{ ref('int_company_estimates') }}

),

times as (

    select * from {{ ref('company_time_to_consent') }}
    where is_headline

),

headlines as (

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

),

{% if is_incremental() -%}
last_report as (

    select max(reported_at) as reported_at from {{ this }}

),

{% endif -%}
-- loads that no report has seen yet
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
    {%- if not reads_same_loads() %} and false{% endif %}
