{#
  Each asked or given event beside the next one of its group. A null group column is no group;
  ties go by event_id, which favours neither direction.
#}
{% macro next_choices(method, group_column, choices='choices') -%}
    {%- set kept = ['event_id', 'event_type', 'event_at', 'consent_status', 'country_code', 'device_type', 'sdk_type'] -%}
    select
        '{{ method }}' as method,
        company_id,
        event_date,
        {% for column in kept -%}
        {{ column }},
        lead({{ column }}) over following as next_{{ column }}
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from {{ choices }}
    where {{ group_column }} is not null
    window following as (
        partition by company_id, {{ group_column }}
        order by event_at, event_id
    )
{%- endmacro %}

{# `column` of the pair's choice: its second event when forward, its first when backward. #}
{% macro of_choice(column) -%}
    case when event_type = 'consent.asked' then next_{{ column }} else {{ column }} end
{%- endmacro %}

{# Longest lag of a pair that informs, and longest time between a token's last change and its event. #}
{% macro short_lag_seconds() -%}
    {{ return(60) }}
{%- endmacro %}

{#
  Lower end of the 95 % interval of forward less backward pairs. Both are numbers of chance
  events (Poisson), which vary as much as they are large.
#}
{% macro excess_lower(forward, backward) -%}
    {{ forward }} - {{ backward }} - {{ interval_z() }} * sqrt({{ forward }} + {{ backward }})
{%- endmacro %}

{# Mean, median and ninetieth percentile of a lag; nulls are left out. #}
{% macro lag_summary(lag, prefix='') -%}
    avg({{ lag }}) as {{ prefix }}mean_seconds,
    percentile_cont(0.5) within group (order by {{ lag }}) as {{ prefix }}median_seconds,
    percentile_cont(0.9) within group (order by {{ lag }}) as {{ prefix }}p90_seconds
{%- endmacro %}

{# The columns of int_lag_summary that describe lags: raw, of the placebo, corrected, and of tokens. #}
{% macro lag_columns(relation) -%}
    {%- for kind in ['', 'placebo_', 'corrected_'] -%}
        {%- for figure in ['mean', 'median', 'p90'] %}
    {{ relation }}.{{ kind }}{{ figure }}_seconds,
        {%- endfor -%}
    {%- endfor %}
    {{ relation }}.timely_share
{%- endmacro %}
