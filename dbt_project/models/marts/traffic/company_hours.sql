{% set counts = {
    'event': 'true',
    'consent_asked': "event_type = 'consent.asked'",
    'consent_given': "event_type = 'consent.given'",
} -%}
{% set formulas = {'assignment': '', 'corrected': 'corrected_'} -%}

with companies as (

    select * from {{ ref('dim_companies') }}

),

weightings as (

    select * from {{ ref('int_company_weighting') }}

),

activity as (

    select * from {{ ref('int_activity_hourly') }}

),

capped as (

    select
        file_path,
        company_id
    from {{ ref('delivery_coverage') }}
    where is_capped

),

-- also the hours in which only other companies of the same file have events
observed as (

    select
        file_hours.company_id,
        file_hours.hour_at,
        count(capped.file_path) > 0 as is_capped
    from {{ ref('int_file_hours') }} as file_hours
    left join capped
        on file_hours._source_file = capped.file_path
        and file_hours.company_id = capped.company_id
    group by file_hours.company_id, file_hours.hour_at

),

weighted as (

    select
        activity.*,
        activity.count_over_rate_sum as assignment_sum,
        activity.count_over_rate_square_sum as assignment_square_sum,
        activity.count_over_rate_variance as assignment_variance,
        {{ corrected_sums('activity') }}
    from activity
    inner join weightings
        on activity.company_id = weightings.company_id

),

by_hour as (

    select
        company_id,
        hour_at,
        {% for name, rows in counts.items() -%}
        {% for formula in formulas -%}
        {% for part in ['sum', 'square_sum'] -%}
        sum(case when {{ rows }} then {{ formula }}_{{ part }} else 0 end) as {{ formula }}_{{ name }}_{{ part }},
        {% endfor -%}
        sum(case when {{ rows }} then {{ formula }}_variance end) as {{ formula }}_{{ name }}_variance,
        {% endfor -%}
        cast(sum(case when {{ rows }} then event_row_count else 0 end) as bigint) as {{ name }}_row_count
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from weighted
    group by company_id, hour_at

),

-- an observed hour without events counts 0
hours as (

    select
        observed.company_id,
        observed.hour_at,
        observed.is_capped,
        coalesce(weightings.is_weighting_decided, false) as is_weighting_decided,
        {% for name in counts -%}
        {% for formula in formulas -%}
        {% for part in ['sum', 'square_sum'] -%}
        coalesce(by_hour.{{ formula }}_{{ name }}_{{ part }}, 0) as {{ formula }}_{{ name }}_{{ part }},
        {% endfor -%}
        by_hour.{{ formula }}_{{ name }}_variance,
        {% endfor -%}
        coalesce(by_hour.{{ name }}_row_count, 0) as {{ name }}_row_count
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from observed
    left join weightings
        on observed.company_id = weightings.company_id
    left join by_hour
        on observed.company_id = by_hour.company_id
        and observed.hour_at = by_hour.hour_at

),

-- beside each hour, all events of the company and its observed hours
with_company as (

    select
        hours.*,
        count(*) over company as observed_hour_count,
        sum(event_row_count) over company as company_row_count,
        {% for formula in formulas -%}
        {% for part in ['sum', 'square_sum', 'variance'] -%}
        sum({{ formula }}_event_{{ part }}) over company as {{ formula }}_company_{{ part }}
        {%- if not loop.last %},{% endif %}
        {% endfor -%}
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from hours
    window company as (partition by company_id)

)

select
    companies.company_id,
    {{ company_columns() }},
    with_company.hour_at,
    {{ utc_date('with_company.hour_at') }} as event_date,
    with_company.is_capped,
    {% for name in counts -%}
    with_company.{{ name }}_row_count,
    {% for formula, prefix in formulas.items() -%}
    {%- set w, column = 'with_company.' ~ formula ~ '_' ~ name, prefix ~ name ~ '_count' -%}
    {%- set is_reliable = has_enough_rows('with_company.' ~ name ~ '_row_count', variances=[w ~ '_variance'])
        ~ (' and with_company.is_weighting_decided' if formula == 'corrected' else '') -%}
    {{ w }}_sum as {{ column }},
    {{ if_reliable(is_reliable, count_lower(w ~ '_sum', w ~ '_variance')) }} as {{ column }}_lower,
    {{ if_reliable(is_reliable, count_upper(w ~ '_sum', w ~ '_variance')) }} as {{ column }}_upper,
    {{ effective_sample_size(w ~ '_sum', w ~ '_square_sum') }} as {{ column }}_effective_sample_size,
    {{ is_reliable }} as {{ column }}_is_reliable,
    {% endfor -%}
    {% endfor -%}
    {% for formula, prefix in formulas.items() -%}
    {%- set w, column = 'with_company.' ~ formula ~ '_company', prefix ~ 'event_count_per_observed_hour' -%}
    {%- set is_reliable = has_enough_rows('with_company.company_row_count', variances=[w ~ '_variance'])
        ~ (' and with_company.is_weighting_decided' if formula == 'corrected' else '') -%}
    {{ w }}_sum / with_company.observed_hour_count as {{ column }},
    {{ if_reliable(is_reliable, '(' ~ count_lower(w ~ '_sum', w ~ '_variance') ~ ') / with_company.observed_hour_count') }} as {{ column }}_lower,
    {{ if_reliable(is_reliable, '(' ~ count_upper(w ~ '_sum', w ~ '_variance') ~ ') / with_company.observed_hour_count') }} as {{ column }}_upper,
    {{ effective_sample_size(w ~ '_sum', w ~ '_square_sum') }} as {{ column }}_effective_sample_size,
    {{ is_reliable }} as {{ column }}_is_reliable,
    {% endfor -%}
    with_company.observed_hour_count
from with_company
inner join companies
    on with_company.company_id = companies.company_id
