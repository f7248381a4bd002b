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
  What `percentile_cont(share)` gives, from the numbers of pairs by lag (choices_by_lag; `name` is
  forward or backward). `percentile_cont` would have to sort every pair. The place of the percentile
  among n pairs is share * (n - 1), counted from 0; between two places the lags are interpolated.
#}
{% macro percentile_of_lags(share, name) -%}
    {%- set place = '(' ~ share ~ ' * (nullif(' ~ name ~ '_total, 0) - 1))' -%}
    {%- set below = 'min(case when ' ~ name ~ '_by_lag >= floor' ~ place ~ ' + 1 then lag_seconds end)' -%}
    {%- set above = 'min(case when ' ~ name ~ '_by_lag >= ceil' ~ place ~ ' + 1 then lag_seconds end)' -%}
    {{ below }} + cast(max({{ place }} - floor{{ place }}) as double precision) * ({{ above }} - {{ below }})
{%- endmacro %}


{#
  A query: the rows of `lags`, which has one row per lag of `keys` with numbers of pairs, and what came
  by that lag. By then came as many choices as the largest value so far of forward less backward pairs.
  The largest value over the whole window is the number of choices, and the value at its end is not: a
  notice that found its own choice can no longer match another one by chance, so in busy cohorts the
  difference falls again, and a median of the value at the end comes out far too short
  (proof/time_methods.py). A token has no backward pairs, so each of its pairs is a choice.
#}
{% macro choices_by_lag(lags, keys) -%}
    select
        by_lag.*,
        choices_by_lag - coalesce(lag(choices_by_lag) over so_far, 0) as choices_count
    from (
        select
            pairs_by_lag.*,
            greatest(max(forward_by_lag - backward_by_lag) over so_far, 0) as choices_by_lag
        from (
            select
                {{ lags }}.*,
                sum(forward_count) over so_far as forward_by_lag,
                sum(backward_count) over so_far as backward_by_lag
            from {{ lags }}
            window so_far as (partition by {{ keys | join(', ') }} order by lag_seconds)
        ) as pairs_by_lag
        window so_far as (partition by {{ keys | join(', ') }} order by lag_seconds)
    ) as by_lag
    window so_far as (partition by {{ keys | join(', ') }} order by lag_seconds)
{%- endmacro %}
