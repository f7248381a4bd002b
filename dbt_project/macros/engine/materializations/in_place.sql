{# What the materializations of this folder share. #}

{#
  The columns of two relations, as a list for SQL, where both have the same names and types; else none.
  They are ordered `by` attnum, which is their place in the relation, or by attname.
#}
{% macro columns_of_both(one, other, by) -%}
    {%- set query -%}
        select case when count(distinct types) = 1 then min(names) end
        from (
            select
                string_agg(quote_ident(attname), ', ' order by {{ by }}) as names,
                string_agg(quote_ident(attname) || ' ' || format_type(atttypid, atttypmod), ', ' order by {{ by }}) as types
            from pg_attribute
            where attrelid in (to_regclass('{{ one }}'), to_regclass('{{ other }}')) and attnum > 0 and not attisdropped
            group by attrelid
        ) as relations
    {%- endset -%}
    {{ return(run_query(query).columns[0][0]) }}
{%- endmacro %}

{# Replaces all rows of `target` by those of `source`; a second build waits, readers do not. #}
{% macro replace_rows(target, source, columns) -%}
    lock table {{ target }} in share row exclusive mode;
    delete from {{ target }};
    insert into {{ target }} ({{ columns }}) select {{ columns }} from {{ source }}
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
