{# Rules for delivered values: the one place for each. #}

{# A text without surrounding blanks and literal double quotes, null where nothing is left. #}
{% macro clean_text(column) -%}
    nullif(trim(replace({{ column }}, '"', '')), '')
{%- endmacro %}

{# Older deliveries write `partial` for `partial opt-in`; no status at all becomes `unknown`. #}
{% macro clean_consent_status(column) -%}
    case
        when {{ is_older_status(column) }} then 'partial opt-in'
        else coalesce(nullif(lower(trim({{ column }})), ''), 'unknown')
    end
{%- endmacro %}

{% macro is_older_status(column) -%}
    coalesce(lower(trim({{ column }})) = 'partial', false)
{%- endmacro %}

{# RATE carries float noise (0.1000000015): six decimals are what was meant. #}
{% macro rounded_rate(column) -%}
    round(cast({{ column }} as double precision) * 1000000) / 1000000
{%- endmacro %}
