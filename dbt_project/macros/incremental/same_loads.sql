{#
  Which loads a table was made of. A build of some models leaves the others as they were, so tables
  of different loads can stand side by side. A report that read them would record old figures under
  the date of new ones, for ever.

  Every table carries a mark of its loads: twelve hex digits for what int_day_loads held (the model
  with `names_loads` in its `meta`). Any other table takes over the mark of the tables that it reads,
  also through views. Where these differ, the mark is `mixed`; `unknown` where a table that an
  earlier version built has none; `none` where nothing comes from int_day_loads.
#}

{# Post-hook of every model, in the transaction that fills it. #}
{% macro record_loads() -%}
    {%- if execute and 'nodes' in graph and model.config.materialized in ['table', 'incremental'] -%}
        {%- set mark = (content_version(this)[:12] or 'empty') if model.config.meta.names_loads else mark_of_loads(tables_read_by(model)) -%}
        {{ write_mark_of_loads(this, mark) }}
    {%- endif -%}
{%- endmacro %}

{# Whether all tables that the model reads were made of the same loads; says so where they were not. #}
{% macro reads_same_loads() -%}
    {%- if not execute or 'nodes' not in graph -%}{#- unit tests have no graph -#}
        {{ return(true) }}
    {%- endif -%}
    {%- set is_so = mark_of_loads(tables_read_by(model)) not in ['mixed', 'unknown'] -%}
    {%- if not is_so -%}
        {%- do print(this.schema ~ '.' ~ this.name ~ ' stays as it is: this run left out tables that it reads, and they hold other loads. `dbt build` without a selection writes it.') -%}
    {%- endif -%}
    {{ return(is_so) }}
{%- endmacro %}

{# Names of the tables that a model reads, also through views. #}
{% macro tables_read_by(node) -%}
    {%- set names, ids = [], node.depends_on.nodes | list -%}
    {#- the list grows while it is gone through -#}
    {%- for id in ids -%}
        {%- set parent = graph.nodes.get(id) -%}
        {%- if parent and parent.resource_type == 'model' -%}
            {%- if parent.config.materialized in ['table', 'incremental'] -%}
                {%- do names.append(parent.relation_name) -%}
            {%- else -%}
                {%- for grandparent in parent.depends_on.nodes if grandparent not in ids -%}
                    {%- do ids.append(grandparent) -%}
                {%- endfor -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{# The mark of what is made of these tables. #}
{% macro mark_of_loads(tables) -%}
    {{ return(adapter.dispatch('mark_of_loads')(tables)) }}
{%- endmacro %}

{% macro default__mark_of_loads(tables) -%}
    {{ return('none') }}
{%- endmacro %}

{% macro postgres__mark_of_loads(tables) -%}
    {%- if not tables -%}
        {{ return('none') }}
    {%- endif -%}
    {%- set query -%}
        select distinct coalesce(substring(obj_description(to_regclass(name), 'pg_class') from 'loads ([a-z0-9]+)$'), 'unknown')
        from unnest(array['{{ tables | join("', '") }}']) as tables_read (name)
    {%- endset -%}
    {%- set marks = run_query(query).columns[0].values() | reject('equalto', 'none') | list -%}
    {{ return('none' if not marks else marks[0] if marks | length == 1 else 'mixed') }}
{%- endmacro %}

{# Ends the comment on the relation, which layouts.sql begins. #}
{% macro write_mark_of_loads(relation, mark) -%}
    {{ return(adapter.dispatch('write_mark_of_loads')(relation, mark)) }}
{%- endmacro %}

{% macro default__write_mark_of_loads(relation, mark) -%}
{%- endmacro %}

{% macro postgres__write_mark_of_loads(relation, mark) -%}
    {%- set query -%}
        select
            coalesce(obj_description(cast('{{ relation }}' as regclass), 'pg_class'), '') as written,
            regexp_replace(obj_description(cast('{{ relation }}' as regclass), 'pg_class'), '(^|, )loads [a-z0-9]+$', '') as others
    {%- endset -%}
    {%- set found = run_query(query).rows[0] -%}
    {%- set comment = (found['others'] ~ ', ' if found['others'] else '') ~ 'loads ' ~ mark -%}
    {%- if comment != found['written'] -%}
    comment on table {{ relation }} is '{{ comment | replace("'", "''") }}'
    {%- endif -%}
{%- endmacro %}
