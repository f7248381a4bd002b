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


{#
  The moment that a text of a payload names, null where it names none: a text cannot stop a build.
  It must be a date and a time in ISO 8601's extended form, of the years 1000 to 2999, which readers
  of every language can hold; a date alone is not a moment. Without a zone it is UTC. The pattern
  holds the whole calendar, so every engine can cast what matches it. Asking Postgres instead takes
  version 16, and Postgres takes `now` and `infinity` for times.
#}
{% macro moment_or_null(text) -%}
    {{ return(adapter.dispatch('moment_or_null')(text)) }}
{%- endmacro %}

{% macro default__moment_or_null(text) -%}
    case
        when {{ text }} rlike '{{ moment_pattern() }}' then try_cast({{ text }} as timestamp)
        when {{ text }} rlike '{{ moment_pattern(zone='') }}' then try_cast({{ text }} || 'Z' as timestamp)
    end
{%- endmacro %}

{% macro duckdb__moment_or_null(text) -%}
    case
        when regexp_matches({{ text }}, '{{ moment_pattern() }}') then try_cast({{ text }} as timestamptz)
        when regexp_matches({{ text }}, '{{ moment_pattern(zone='') }}') then try_cast({{ text }} || 'Z' as timestamptz)
    end
{%- endmacro %}

{% macro postgres__moment_or_null(text) -%}
    {#- a regular expression with a group to take out would be one step, and five times slower -#}
    case
        when {{ text }} ~ '{{ moment_pattern() }}' then cast({{ text }} as timestamptz)
        when {{ text }} ~ '{{ moment_pattern(zone='') }}' then cast({{ text }} || 'Z' as timestamptz)
    end
{%- endmacro %}

{# Offsets end at 15:59, where those of Postgres do. #}
{% macro moment_pattern(zone='([Zz]|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)') -%}
    {%- set leap_year = '([12][0-9](0[48]|[2468][048]|[13579][26])|(1[26]|2[048])00)' -%}
    {%- set days = [
        '[12][0-9]{3}-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])',
        '[12][0-9]{3}-(0[469]|11)-(0[1-9]|[12][0-9]|30)',
        '[12][0-9]{3}-02-(0[1-9]|1[0-9]|2[0-8])',
        leap_year ~ '-02-29',
    ] -%}
    {%- set time = '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?' -%}
    ^({{ days | join('|') }})[Tt ]{{ time }}{{ zone }}$
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


{# Start of the day in UTC, whatever the time zone of the session. #}
{% macro utc_day(moment) -%}
    {{ return(adapter.dispatch('utc_day')(moment)) }}
{%- endmacro %}

{% macro default__utc_day(moment) -%}
    date_trunc('day', {{ moment }})
{%- endmacro %}

{% macro postgres__utc_day(moment) -%}
    date_trunc('day', {{ moment }}, 'UTC')
{%- endmacro %}


{# The moment cut to milliseconds, by which a consent token is known. #}
{% macro to_the_millisecond(moment) -%}
    {{ return(adapter.dispatch('to_the_millisecond')(moment)) }}
{%- endmacro %}

{% macro default__to_the_millisecond(moment) -%}
    date_trunc('millisecond', {{ moment }})
{%- endmacro %}

{% macro postgres__to_the_millisecond(moment) -%}
    date_trunc('milliseconds', {{ moment }})
{%- endmacro %}
