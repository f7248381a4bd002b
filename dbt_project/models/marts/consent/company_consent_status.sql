with companies as (

    select * from {{ ref('dim_companies') }}

),

-- count_over_rate_sum adds up the assignment's COUNT / RATE, corrected_sum the weights that the
-- sampling diagnosis supports
totals as (

    select * from {{ ref('int_company_totals') }}

),

scoped as (

    select *, 'choices' as scope from totals
    where event_type = 'consent.given'
    union all
    select *, 'all events' as scope from totals

),

counted as (

    select
        company_id,
        scope,
        consent_status,
        weighting_used,
        is_weighting_decided,
        cast(sum(event_row_count) as bigint) as event_row_count,
        sum(count_over_rate_sum) as event_count,
        sum(count_over_rate_square_sum) as event_square_sum,
        sum(count_over_rate_variance) as event_variance,
        cast(sum(event_row_count) as bigint) as corrected_event_row_count,
        sum(corrected_sum) as corrected_event_count,
        sum(corrected_square_sum) as corrected_event_square_sum,
        sum(corrected_variance) as corrected_event_variance
    from scoped
    group by company_id, scope, consent_status, weighting_used, is_weighting_decided

),

-- beside each status, all events of the company in the scope
with_wholes as (

    select
        counted.*,
        {{ company_columns() }},
        {% for prefix in ['', 'corrected_'] -%}
        {% for part in ['row_count', 'count', 'square_sum', 'variance'] -%}
        sum({{ prefix }}event_{{ part }}) over whole_scope as {{ prefix }}whole_{{ part }}
        {%- if not loop.last %},{% endif %}
        {% endfor -%}
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from counted
    inner join companies
        on counted.company_id = companies.company_id
    window whole_scope as (partition by counted.company_id, counted.scope)

)

{#- Choices are of one event type, so their shares are probabilities; all events mix rates. #}
{% for scope, share_interval in [('choices', probability_interval), ('all events', mixed_share_interval)] -%}
select
    company_id,
    industry_detailed,
    industry,
    hq_country,
    scope,
    consent_status,
    event_row_count,
    cast(event_row_count as double precision) / nullif(whole_row_count, 0) as event_row_share,
    event_count,
    {{ count_interval('event_count', 'event') }},
    event_count / nullif(whole_count, 0) as event_share,
    {{ share_interval('event_share', 'event', 'whole') }},
    corrected_event_count,
    {{ count_interval('corrected_event_count', 'corrected_event', 'is_weighting_decided') }},
    corrected_event_count / nullif(corrected_whole_count, 0) as corrected_event_share,
    {{ share_interval('corrected_event_share', 'corrected_event', 'corrected_whole', 'is_weighting_decided') }},
    weighting_used
from with_wholes
where scope = '{{ scope }}'
{% if not loop.last -%}
union all
{% endif -%}
{% endfor %}
