{#
  Which loads a table was made of. A build of some models leaves the others as they were, so tables
  of different loads can stand side by side. A report that read them would record old figures under
  the date of new ones, for ever.

  Every table carries a mark of its loads: twelve hex digits for what int_day_loads held (the model
  with `names_loads` in its `meta`). Any other table takes over the mark of the tables that it reads,
  also through views. Where these differ, the mark is `mixed`; `unknown` where a table that an
  earlier version built has none; `none` where nothing comes from int_day_loads.
#}

{# Whether all tables that the model reads were made of the same loads; says so where they were not. #}
{% macro reads_same_loads() -%}
    {%- if not execute or 'nodes' not in graph -%}{#- unit tests have no graph -#}
        {{ return(true) }}
    {%- endif -%}
    {%- set tables = tables_read_by(model) -%}
    {%- set is_so = mark_of_loads(tables, comments_on(tables)) not in ['mixed', 'unknown'] -%}
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

{# The mark of what is made of these tables, on which there are these comments (upgrades/layouts.sql). #}
{% macro mark_of_loads(tables, comments) -%}
    {%- set marks = [] -%}
    {%- for name in tables if comments is not none -%}
        {%- set noted = modules.re.search('loads ([a-z0-9]+)$', comments.get(name, '')) -%}
        {%- do marks.append(noted.group(1) if noted else 'unknown') -%}
    {%- endfor -%}
    {%- set marks = marks | reject('equalto', 'none') | unique | list -%}
    {{ return('none' if not marks else marks[0] if marks | length == 1 else 'mixed') }}
{%- endmacro %}
