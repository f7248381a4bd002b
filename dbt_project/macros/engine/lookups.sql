{# Look-ups that Postgres plans badly unless they are written in one particular way. #}

{#
  Ends a subquery whose columns are dear, such as a parsed payload. Postgres would write the
  expression in place of each use of the column, and compute it for each.
#}
{% macro computed_once() -%}
    {{ return(adapter.dispatch('computed_once')()) }}
{%- endmacro %}

{% macro default__computed_once() -%}
{%- endmacro %}

{% macro postgres__computed_once() -%}
    offset 0
{%- endmacro %}

{# Whether `relation` has a row with `value` in `column`: a look-up for each value. #}
{% macro is_in(value, column, relation) -%}
    {{ return(adapter.dispatch('is_in')(value, column, relation)) }}
{%- endmacro %}

{% macro default__is_in(value, column, relation) -%}
    exists (select 1 from {{ relation }} as others where others.{{ column }} = {{ value }})
{%- endmacro %}

{% macro postgres__is_in(value, column, relation) -%}
    {#- `offset 0` keeps it a look-up: as a join, it would read the whole index -#}
    exists (select 1 from {{ relation }} as others where others.{{ column }} = {{ value }} offset 0)
{%- endmacro %}

{#
  Whether `value` is in `column` of `relation`. Postgres pushes this form, unlike a plain `in`,
  down into the staging view: only such rows are read and parsed.
#}
{% macro is_among(value, column, relation) -%}
    {{ return(adapter.dispatch('is_among')(value, column, relation)) }}
{%- endmacro %}

{% macro default__is_among(value, column, relation) -%}
    {{ value }} in (select {{ column }} from {{ relation }})
{%- endmacro %}

{% macro postgres__is_among(value, column, relation) -%}
    {{ value }} = any (array(select {{ column }} from {{ relation }}))
{%- endmacro %}

{#
  Pre-hook of a model that reads events by their load. Postgres takes any load for an average one:
  with few of them it would read all events for the small newest. Rows of a load lie together, so
  an index is never much worse.
#}
{% macro read_by_index() -%}
    {{ return(adapter.dispatch('read_by_index')()) }}
{%- endmacro %}

{% macro default__read_by_index() -%}
{%- endmacro %}

{% macro postgres__read_by_index() -%}
    {%- if is_incremental() -%}
    set local enable_seqscan = off
    {%- endif -%}
{%- endmacro %}

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

{# Ends `read_by_index` for the statements that follow it: they compare whole tables. #}
{% macro read_in_any_way() -%}
    {{ return(adapter.dispatch('read_in_any_way')()) }}
{%- endmacro %}

{% macro default__read_in_any_way() -%}
{%- endmacro %}

{% macro postgres__read_in_any_way() -%}
    set local enable_seqscan = on;
{%- endmacro %}
