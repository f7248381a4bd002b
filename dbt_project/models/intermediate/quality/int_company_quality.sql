{#- Check, rows affected, among which rows; sums over int_quality_daily. -#}
{% set asked, given = "event_type = 'consent.asked'", "event_type = 'consent.given'" %}
{% set checks = [
    ('asked with a status', rows_where("consent_status not in ('empty', 'unknown')"), asked),
    ('given with status empty', rows_where("consent_status = 'empty'"), given),
    ('status differs from the lists', rows_where("consent_status <> recomputed_status and recomputed_status <> 'unknown'"), given),
    ('older status text', 'older_status_row_count', 'true'),
    ('notice or choice without lists', 'without_lists_row_count', asked ~ ' or ' ~ given),
    ('headless browser', 'headless_row_count', 'true'),
    ('no country', 'without_country_row_count', 'true'),
    ('country that is not in ISO 3166', rows_where('unknown_country_code is not null'), 'true'),
    ('outside its WINDOW_START hour', 'outside_window_row_count', 'true'),
    ('later than its load', 'future_row_count', 'true'),
] -%}

with daily as (

    select * from {{ ref('int_quality_daily') }}

),

totals as (

    select * from {{ ref('int_company_totals') }}

),

sampling as (

    select * from {{ ref('int_sampling_daily') }}

),

conversions as (

    select
        company_id,
        sum({{ rows_where(asked) }}) as asked_row_count,
        {% for weighting in ['count_over_rate', 'count'] -%}
        sum(case when {{ asked }} then {{ weighting }}_sum else 0 end) as {{ weighting }}_asked,
        sum(case when {{ given }} then {{ weighting }}_sum else 0 end) as {{ weighting }}_given
        {%- if not loop.last %},
        {% endif %}
        {%- endfor %}
    from totals
    group by company_id

)

{% for check, affected, rows in checks -%}
select
    company_id,
    '{{ check }}' as check_name,
    cast(sum(event_row_count) as bigint) as rows_checked,
    cast(sum({{ affected }}) as bigint) as rows_affected
from daily
where {{ rows }}
group by company_id
union all
{% endfor -%}
select
    company_id,
    'external or webview choice' as check_name,
    cast(sum(event_row_count) as bigint) as rows_checked,
    cast(sum(case when is_on_notice then 0 else event_row_count end) as bigint) as rows_affected
from totals
where {{ given }}
group by company_id
union all
select
    company_id,
    'RATE missing' as check_name,
    cast(sum(event_row_count) as bigint) as rows_checked,
    cast(sum(missing_rate_row_count) as bigint) as rows_affected
from sampling
group by company_id
union all
select
    company_id,
    'COUNT is round(1 / RATE)' as check_name,
    cast(sum(sampled_row_count) as bigint) as rows_checked,
    cast(sum(matching_row_count) as bigint) as rows_affected
from sampling
group by company_id
union all
select
    company_id,
    'conversion above 1' as check_name,
    cast(asked_row_count as bigint) as rows_checked,
    -- by either weighting
    cast(case
        when count_over_rate_given > count_over_rate_asked or count_given > count_asked then asked_row_count
        else 0
    end as bigint) as rows_affected
from conversions
