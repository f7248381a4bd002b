{# What the materializations of this folder share. #}

{# Whether two relations have the same columns: names and types, in the same order. #}
{% macro have_same_columns(one, other) -%}
    {%- set described = [] -%}
    {%- for relation in [one, other] -%}
        {%- set columns = [] -%}
        {%- for column in adapter.get_columns_in_relation(relation) -%}
            {%- do columns.append((column.name, column.data_type)) -%}
        {%- endfor -%}
        {%- do described.append(columns) -%}
    {%- endfor -%}
    {{ return(described[0] == described[1]) }}
{%- endmacro %}

{# Replaces all rows of `target` by those of `source`; a second build waits, readers do not. #}
{% macro replace_rows(target, source) -%}
    lock table {{ target }} in share row exclusive mode;
    delete from {{ target }};
    insert into {{ target }} select * from {{ source }}
{%- endmacro %}

{#
  The relation of this name as it is in the database, or none; dbt's cache learns of it. The cache
  believes that a view went with the table that it read, and rename.sql keeps such a view.
#}
{% macro relation_now(relation) -%}
    {%- set kind = run_query("select relkind from pg_class where oid = to_regclass('" ~ relation ~ "')") -%}
    {%- if kind.rows -%}
        {%- set found = relation.incorporate(type='view' if kind.rows[0][0] == 'v' else 'table') -%}
        {%- do adapter.cache_added(found) -%}
        {{ return(found) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
