{# Until the end of the transaction, others read the table as it was, and wait to write to it. #}
{% macro lock_against_writers(relation) -%}
    {{ return(adapter.dispatch('lock_against_writers')(relation)) }}
{%- endmacro %}

{% macro default__lock_against_writers(relation) -%}
{%- endmacro %}

{% macro postgres__lock_against_writers(relation) -%}
    lock table {{ relation }} in share row exclusive mode;
{%- endmacro %}
