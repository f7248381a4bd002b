{# Limits and percentiles of the time from a notice to the choice that answers it. #}

{# Longest time in seconds between a notice and its choice. Pairs are kept by day, hence at most one. #}
{% macro consent_window() -%}
    {%- set seconds = var('consent_window_seconds') | int -%}
    {%- if not 0 < seconds <= 86400 -%}
        {{ exceptions.raise_compiler_error("consent_window_seconds must be 1 to 86400, not " ~ seconds) }}
    {%- endif -%}
    {{ seconds }}
{%- endmacro %}

{#
  Lags up to this decide whether a method is credible, and a token counts as timely if its last change
  is at most so far from its event.
#}
{% macro short_lag_seconds() -%}
    {{ return(60) }}
{%- endmacro %}

{#
  What `percentile_cont(share)` gives, from the numbers of pairs by lag (int_lag_counts; `name` is
  forward or backward). `percentile_cont` would have to sort every pair. The place of the percentile
  among n pairs is share * (n - 1), counted from 0; between two places the lags are interpolated.
#}
{% macro percentile_of_lags(share, name) -%}
    {%- set place = '(' ~ share ~ ' * (nullif(' ~ name ~ '_total, 0) - 1))' -%}
    {%- set below = 'min(case when ' ~ name ~ '_by_lag >= floor' ~ place ~ ' + 1 then lag_seconds end)' -%}
    {%- set above = 'min(case when ' ~ name ~ '_by_lag >= ceil' ~ place ~ ' + 1 then lag_seconds end)' -%}
    {{ below }} + cast(max({{ place }} - floor{{ place }}) as double precision) * ({{ above }} - {{ below }})
{%- endmacro %}
