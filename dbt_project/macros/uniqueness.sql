{# Whether the database enforces that no value of `column` is in `relation` twice. #}
{% macro is_enforced_unique(relation, column) -%}
    {{ return(adapter.dispatch('is_enforced_unique')(relation, column)) }}
{%- endmacro %}

{% macro default__is_enforced_unique(relation, column) -%}
    {{ return(false) }}
{%- endmacro %}

{% macro postgres__is_enforced_unique(relation, column) -%}
    {%- set indexes -%}
        select count(*)
        from pg_index
        inner join pg_attribute
            on pg_index.indrelid = pg_attribute.attrelid
            and pg_index.indkey[0] = pg_attribute.attnum
        where pg_index.indrelid = cast('{{ relation }}' as regclass)
            and pg_attribute.attname = '{{ column }}'
            and pg_index.indisunique
            and pg_index.indisvalid
            -- of this column alone, and of all rows
            and pg_index.indnkeyatts = 1
            and pg_index.indpred is null
    {%- endset -%}
    {{ return(run_query(indexes).columns[0][0] > 0) }}
{%- endmacro %}
