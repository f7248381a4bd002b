{# The loader may choose varchar; models, and the tables that grow with them, have one type for texts. #}
{% macro as_text(column) -%}
    cast({{ column }} as {{ dbt.type_string() }})
{%- endmacro %}

{# Bytes of a text in UTF-8. #}
{% macro byte_length(text) -%}
    {{ return(adapter.dispatch('byte_length')(text)) }}
{%- endmacro %}

{% macro default__byte_length(text) -%}
    octet_length({{ text }})
{%- endmacro %}

{% macro duckdb__byte_length(text) -%}
    strlen({{ text }})
{%- endmacro %}

{# `column` where the delivered table has it, else a null: some deliveries lack some columns. #}
{% macro column_or_null(relation, column) -%}
    {%- set names = adapter.get_columns_in_relation(relation) | map(attribute='name') | map('lower') | list if execute else [] -%}
    {{ column if column in names else 'cast(null as ' ~ dbt.type_string() ~ ')' }}
{%- endmacro %}

{# Whether a relation exists; while the project is only parsed, all do. #}
{% macro is_there(relation) -%}
    {{ return(not execute or load_relation(relation) is not none) }}
{%- endmacro %}
