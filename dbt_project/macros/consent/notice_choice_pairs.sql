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

{#
  Mean, median and ninetieth percentile from numbers by lag: `<name>_count` at each lag,
  `<name>_by_lag` up to it, `<name>_total` of all. Null where there are none.
#}
{% macro lag_figures(name, prefix='') -%}
    sum(lag_seconds * {{ name }}_count) / nullif(max({{ name }}_total), 0) as {{ prefix }}mean_seconds,
    {{ percentile_of_lags(name, 0.5) }} as {{ prefix }}median_seconds,
    {{ percentile_of_lags(name, 0.9) }} as {{ prefix }}p90_seconds
{%- endmacro %}

{# As `percentile_cont`, which would have to sort every pair: between the two lags around the place. #}
{% macro percentile_of_lags(name, share) -%}
    {%- set place = '(' ~ share ~ ' * (nullif(' ~ name ~ '_total, 0) - 1))' -%}
    {%- set below = 'min(case when ' ~ name ~ '_by_lag >= floor' ~ place ~ ' + 1 then lag_seconds end)' -%}
    {%- set above = 'min(case when ' ~ name ~ '_by_lag >= ceil' ~ place ~ ' + 1 then lag_seconds end)' -%}
    {{ below }} + cast(max({{ place }} - floor{{ place }}) as double precision) * ({{ above }} - {{ below }})
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

{# Longest time in seconds between a notice and its choice. Pairs are kept by day, hence at most one. #}
{% macro consent_window() -%}
    {%- set seconds = var('consent_window_seconds') | int -%}
    {%- if not 0 < seconds <= 86400 -%}
        {{ exceptions.raise_compiler_error("consent_window_seconds must be 1 to 86400, not " ~ seconds) }}
    {%- endif -%}
    {{ seconds }}
{%- endmacro %}
