{#
  Stored models (`incremental`) keep rows that an earlier version of the project wrote. Each has a
  layout: the number `layout` in its `meta`, 1 where there is none. Raise it with every change of a
  stored model's columns, or of what they mean. Post-hook `record_layout` writes it on the relation.

  A stored relation with another layout is computed again, from the raw events, as `--full-refresh`
  would. History (`full_refresh: false`) cannot be: its model changes its rows in a pre-hook that
  asks `has_older_layout`.
#}

{# Overrides dbt's macro of this name, which `is_incremental` and the materialization ask. #}
{% macro should_full_refresh() -%}
    {%- set configured = config.get('full_refresh') -%}
    {%- if configured is not none -%}
        {{ return(configured) }}
    {%- endif -%}
    {{ return(flags.FULL_REFRESH or (is_stored_model() and stored_layout(this) != declared_layout())) }}
{%- endmacro %}

{# Whether the model adds to rows of a layout before `layout`. #}
{% macro has_older_layout(layout) -%}
    {{ return(is_incremental() and stored_layout(this) < layout) }}
{%- endmacro %}

{# Pre-hook of every model: says why it takes longer this once, also to those who run with --quiet. #}
{% macro announce_layout() -%}
    {%- if is_stored_model() and load_cached_relation(this) is not none and stored_layout(this) != declared_layout() -%}
        {%- do print(this.schema ~ '.' ~ this.name ~ ' changes from layout ' ~ stored_layout(this) ~ ' to ' ~ declared_layout()) -%}
    {%- endif -%}
{%- endmacro %}

{# Post-hook of every model, in the transaction that fills it. #}
{% macro record_layout() -%}
    {%- if is_stored_model() and stored_layout(this) != declared_layout() -%}
        {{ write_layout(this, declared_layout()) }}
    {%- endif -%}
{%- endmacro %}

{% macro is_stored_model() -%}
    {{ return(execute and model.config.materialized == 'incremental') }}
{%- endmacro %}

{% macro declared_layout() -%}
    {{ return(model.config.meta.get('layout', 1)) }}
{%- endmacro %}

{# The layout of a relation, 1 where none is written on it. #}
{% macro stored_layout(relation) -%}
    {{ return(adapter.dispatch('stored_layout')(relation)) }}
{%- endmacro %}

{% macro default__stored_layout(relation) -%}
    {{ return(declared_layout()) }}
{%- endmacro %}

{% macro postgres__stored_layout(relation) -%}
    {%- set comment -%}
        select coalesce(cast(substring(obj_description(to_regclass('{{ relation }}'), 'pg_class') from '^layout ([0-9]+)') as integer), 1)
    {%- endset -%}
    {{ return(run_query(comment).columns[0][0]) }}
{%- endmacro %}

{# A comment, since it comes and goes with the relation and takes part in its transaction. #}
{% macro write_layout(relation, layout) -%}
    {{ return(adapter.dispatch('write_layout')(relation, layout)) }}
{%- endmacro %}

{% macro default__write_layout(relation, layout) -%}
{%- endmacro %}

{% macro postgres__write_layout(relation, layout) -%}
    comment on table {{ relation }} is 'layout {{ layout }}'
{%- endmacro %}
