{#- What a page view says about consent, and what else is counted of page views. -#}
{% set opted_in = is_opt_in() -%}
{% set on_web, in_apps = "sdk_type = 'sdk-web'", "sdk_type = 'sdk-mobile'" -%}
{% set is_full = "consent_status = 'full opt-in'" -%}
{% set parts = [
    ('pageview', 'true'),
    ('opt_in', opted_in),
    ('opt_out', "consent_status = 'opt-out'"),
    ('none', 'not ' ~ is_decision()),
    ('gcm_error', 'has_gcm_error'),
] -%}
{% set sdk_counts = [
    ('web_opt_in', opted_in ~ ' and ' ~ on_web),
    ('web_full_opt_in', is_full ~ ' and ' ~ on_web),
    ('mobile_opt_in', opted_in ~ ' and ' ~ in_apps),
    ('mobile_full_opt_in', is_full ~ ' and ' ~ in_apps),
] -%}

with companies as (

    select * from {{ ref('dim_companies') }}

),

weightings as (

    select * from {{ ref('int_company_weighting') }}

),

pageviews as (

    select
        daily.*,
        {{ deployment_key('daily.deployment_id') }} as deployment,
        {{ corrected_sums('daily') }}
    from {{ ref('int_quality_daily') }} as daily
    inner join weightings
        on daily.company_id = weightings.company_id
    where daily.event_type = 'pageview'

),

-- each deployment, and all of a company together
counted as (

    select
        company_id,
        coalesce(deployment, 'all') as deployment_id,
        {% for name, condition in parts -%}
        sum(event_row_count) filter (where {{ condition }}) as {{ name }}_row_count,
        sum(corrected_sum) filter (where {{ condition }}) as {{ name }}_count,
        sum(corrected_square_sum) filter (where {{ condition }}) as {{ name }}_square_sum,
        sum(corrected_variance) filter (where {{ condition }}) as {{ name }}_variance,
        {% endfor -%}
        {% for name, condition in sdk_counts -%}
        sum(event_row_count) filter (where {{ condition }}) as {{ name }}_row_count
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from pageviews
    group by grouping sets ((company_id, deployment), (company_id))

),

-- a company without page views has a row, too
of_companies as (

    select
        companies.company_id,
        {{ company_columns() }},
        weightings.weighting_used,
        weightings.is_weighting_decided,
        coalesce(counted.deployment_id, 'all') as deployment_id,
        {% for name, _ in parts + sdk_counts -%}
        cast(coalesce(counted.{{ name }}_row_count, 0) as bigint) as {{ name }}_row_count,
        {% endfor -%}
        {% for name, _ in parts -%}
        coalesce(counted.{{ name }}_count, 0) as {{ name }}_count,
        coalesce(counted.{{ name }}_square_sum, 0) as {{ name }}_square_sum,
        counted.{{ name }}_variance
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from companies
    left join counted
        on companies.company_id = counted.company_id
    left join weightings
        on companies.company_id = weightings.company_id

)

-- One visitor's page views say the same, so they are not a sample of visitors: the intervals are about the
-- log before sampling.
select
    company_id,
    industry_detailed,
    industry,
    hq_country,
    deployment_id,
    pageview_row_count,
    pageview_count,
    {% for name in ['opt_in', 'opt_out', 'none', 'gcm_error'] -%}
    {{ name }}_row_count,
    {{ name }}_count / nullif(pageview_count, 0) as {{ name }}_share,
    {{ mixed_share_interval(name ~ '_share', name, 'pageview', 'is_weighting_decided') }},
    {% endfor -%}
    {% for name, _ in sdk_counts -%}
    {{ name }}_row_count,
    {% endfor -%}
    case
        when web_opt_in_row_count < 5 then 'cannot be told'
        when web_full_opt_in_row_count = 0 then 'fails'
        else 'holds'
    end as full_opt_in_on_web_verdict,
    weighting_used
from of_companies
