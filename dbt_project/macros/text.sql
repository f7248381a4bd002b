{# Rules for delivered values: the one place for each. #}

{# The loader may choose varchar; models, and the tables that grow with them, have one type for texts. #}
{% macro as_text(column) -%}
    cast({{ column }} as {{ dbt.type_string() }})
{%- endmacro %}

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

{# `column` where the delivered table has it, else a null: some deliveries lack some columns. #}
{% macro column_or_null(relation, column) -%}
    {%- set names = adapter.get_columns_in_relation(relation) | map(attribute='name') | map('lower') | list if execute else [] -%}
    {{ column if column in names else 'cast(null as ' ~ dbt.type_string() ~ ')' }}
{%- endmacro %}
