{# Rules for delivered values: the one place for each. #}

{#
  A text that fits into keys. Delivered texts have any length, but Postgres takes 2,704 bytes for all
  columns of a key together, and no key has more than twelve texts. What has more than 200 bytes becomes
  its first 40 characters and the hash of the whole, so that different texts stay different.
  `delivered` is the column that `text` is made from: a short one needs no look at the text.
#}
{% macro bounded_text(text, delivered=none) -%}
    {%- set cut = "left(" ~ text ~ ", 40) || '…' || " ~ dbt.hash(text) -%}
    case
        when {{ byte_length(delivered or text) }} > 200
            {%- if delivered %} and {{ byte_length(text) }} > 200{% endif %} then {{ cut }}
        else {{ text }}
    end
{%- endmacro %}

{# A text without surrounding blanks and literal double quotes, null where nothing is left. #}
{% macro clean_text(column, fold='') -%}
    {{ bounded_text(fold ~ "(nullif(trim(replace(" ~ column ~ ", '\"', '')), ''))", column) }}
{%- endmacro %}

{# A key of a delivery: it is not changed but for blanks around it. #}
{% macro clean_key(column) -%}
    {{ bounded_text('trim(' ~ column ~ ')', column) }}
{%- endmacro %}

{#
  The deployment in the key of a mart: `unknown` where none was delivered. One that is called `all`
  gives way to the row of the whole company.
#}
{% macro deployment_key(column='deployment_id') -%}
    case {{ column }} when 'all' then 'all (deployment)' else coalesce({{ column }}, 'unknown') end
{%- endmacro %}

{# Older deliveries write `partial` for `partial opt-in`; no status at all becomes `unknown`. #}
{% macro clean_consent_status(column) -%}
    case
        when {{ is_older_status(column) }} then 'partial opt-in'
        else coalesce(nullif({{ bounded_text('lower(trim(' ~ column ~ '))', column) }}, ''), 'unknown')
    end
{%- endmacro %}

{% macro is_older_status(column) -%}
    coalesce(lower(trim({{ column }})) = 'partial', false)
{%- endmacro %}

{# RATE carries float noise (0.1000000015): six decimals are what was meant. #}
{% macro rounded_rate(column) -%}
    round(cast({{ column }} as double precision) * 1000000) / 1000000
{%- endmacro %}
