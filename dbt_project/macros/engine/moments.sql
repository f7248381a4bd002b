{# Time arithmetic: the only place where engines differ about it. #}

{# Seconds from `start` to `finish`, with fractions. #}
{% macro seconds_between(start, finish) -%}
    {{ return(adapter.dispatch('seconds_between')(start, finish)) }}
{%- endmacro %}

{% macro default__seconds_between(start, finish) -%}
    (unix_micros({{ finish }}) - unix_micros({{ start }})) / 1000000.0
{%- endmacro %}

{% macro duckdb__seconds_between(start, finish) -%}
    (epoch_us({{ finish }}) - epoch_us({{ start }})) / 1000000.0
{%- endmacro %}

{% macro postgres__seconds_between(start, finish) -%}
    {#- not extract(): it counts in numeric, several times slower -#}
    date_part('epoch', {{ finish }} - {{ start }})
{%- endmacro %}


{# Calendar day in UTC, whatever the time zone of the session. #}
{% macro utc_date(moment) -%}
    {{ return(adapter.dispatch('utc_date')(moment)) }}
{%- endmacro %}

{% macro default__utc_date(moment) -%}
    cast(to_utc_timestamp({{ moment }}, current_timezone()) as date)
{%- endmacro %}

{% macro duckdb__utc_date(moment) -%}
    cast(timezone('UTC', {{ moment }}) as date)
{%- endmacro %}

{% macro postgres__utc_date(moment) -%}
    cast({{ moment }} at time zone 'UTC' as date)
{%- endmacro %}


{# The moment that a text of a payload names, null where it names none: a text cannot stop a build. #}
{% macro moment_or_null(text) -%}
    {{ return(adapter.dispatch('moment_or_null')(text)) }}
{%- endmacro %}

{% macro default__moment_or_null(text) -%}
    try_cast({{ text }} as timestamp)
{%- endmacro %}

{% macro duckdb__moment_or_null(text) -%}
    try_cast({{ text }} as timestamptz)
{%- endmacro %}

{% macro postgres__moment_or_null(text) -%}
    case when pg_input_is_valid({{ text }}, 'timestamptz') then cast({{ text }} as timestamptz) end
{%- endmacro %}


{% macro next_day(day) -%}
    cast({{ dbt.dateadd('day', 1, day) }} as date)
{%- endmacro %}


{# Start of the hour in UTC, whatever the time zone of the session. #}
{% macro utc_hour(moment) -%}
    {{ return(adapter.dispatch('utc_hour')(moment)) }}
{%- endmacro %}

{% macro default__utc_hour(moment) -%}
    date_trunc('hour', {{ moment }})
{%- endmacro %}

{% macro postgres__utc_hour(moment) -%}
    date_trunc('hour', {{ moment }}, 'UTC')
{%- endmacro %}
