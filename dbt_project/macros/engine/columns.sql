{# The loader may choose varchar; models, and the tables that grow with them, have one type for texts. #}
{% macro as_text(column) -%}
    cast({{ column }} as {{ dbt.type_string() }})
{%- endmacro %}

{# `column` where the delivered table has it, else a null: some deliveries lack some columns. #}
{% macro column_or_null(relation, column) -%}
    {%- set names = adapter.get_columns_in_relation(relation) | map(attribute='name') | map('lower') | list if execute else [] -%}
    {{ column if column in names else 'cast(null as ' ~ dbt.type_string() ~ ')' }}
{%- endmacro %}
