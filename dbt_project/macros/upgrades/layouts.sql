{#
  Stored models (`incremental`) keep rows that an earlier build wrote. Post-hook `record_origin`
  writes on every relation where its rows come from: the model's layout, which is the number `layout`
  in its `meta` (1 where there is none), and the rule that filled it (incremental/rules.sql). Raise
  the layout with every change of a stored model's columns.

  A stored relation of another origin is computed again, from the raw events, as `--full-refresh`
  would. History (`full_refresh: false`) cannot be: its model changes its rows in a pre-hook that
  asks `has_older_layout`.
#}

{# Overrides dbt's macro of this name, which `is_incremental` and the materialization ask. #}
{% macro should_full_refresh() -%}
    {%- set configured = config.get('full_refresh') -%}
    {%- if configured is not none -%}
        {{ return(configured) }}
    {%- endif -%}
    {{ return(flags.FULL_REFRESH or (is_stored_model() and stored_origin() != todays_origin())) }}
{%- endmacro %}

{# Whether the model adds to rows of a layout before `layout`. #}
{% macro has_older_layout(layout) -%}
    {{ return(is_incremental() and layout_of(stored_origin()) < layout) }}
{%- endmacro %}

{# Pre-hook of every model: says why it takes longer this once, also to those who run with --quiet. #}
{% macro announce_origin() -%}
    {%- if is_stored_model() and load_cached_relation(this) is not none and stored_origin() != todays_origin() -%}
        {%- do print(this.schema ~ '.' ~ this.name ~ ' changes from ' ~ stored_origin() ~ ' to ' ~ todays_origin()) -%}
    {%- endif -%}
{%- endmacro %}

{# Post-hook of every model, in the transaction that fills it. #}
{% macro record_origin() -%}
    {%- if execute and 'nodes' in graph -%}
        {%- set name, is_table = this | string, model.config.materialized in ['table', 'incremental'] -%}
        {%- set rules, tables = rules_of_parents(model), tables_read_by(model) if is_table else [] -%}
        {%- set comments = comments_on([name] + rules.keys() | list + tables) -%}
        {%- if comments is not none -%}
            {%- set notes = [origin_by(none if config.get('full_refresh') is not none else rule_that_filled(rules, comments))] -%}
            {%- if is_table -%}
                {%- set own_mark = (content_version(this)[:12] or 'empty') if model.config.meta.names_loads -%}
                {%- do notes.append('loads ' ~ (own_mark or mark_of_loads(tables, comments))) -%}
            {%- endif -%}
            {%- if comments.get(name) != notes | join(', ') -%}
    comment on {{ 'table' if is_table else 'view' }} {{ this }} is '{{ notes | join(', ') }}'
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro is_stored_model() -%}
    {{ return(execute and model.config.materialized == 'incremental' and 'nodes' in graph) }}{#- unit tests have no graph -#}
{%- endmacro %}

{% macro todays_origin() -%}
    {{ return(origin_by(none if config.get('full_refresh') is not none else rule_of(model.unique_id))) }}
{%- endmacro %}

{% macro origin_by(rule) -%}
    {%- set layout = 'layout ' ~ model.config.meta.get('layout', 1) -%}
    {{ return(layout if rule is none else layout ~ ', rule ' ~ rule) }}
{%- endmacro %}

{% macro layout_of(origin) -%}
    {{ return(origin.split(',')[0].split(' ')[1] | int) }}
{%- endmacro %}

{#
  What is written on the relation of the model that runs, before the run changes it; an earlier
  version of the project wrote nothing. It is asked for several times, and read once.
#}
{% macro stored_origin() -%}
    {%- set name, known = this | string, graph.setdefault('origins', {}) -%}
    {%- if name not in known -%}
        {%- set comments = comments_on([name]) -%}
        {%- do known.update({name: todays_origin() if comments is none else origin_in(comments.get(name, ''))}) -%}
    {%- endif -%}
    {{ return(known[name]) }}
{%- endmacro %}

{% macro origin_in(comment) -%}
    {%- set found = modules.re.match('layout [0-9]+(, rule [0-9a-z]+)?', comment) -%}
    {{ return(found.group() if found else 'layout 1') }}
{%- endmacro %}
