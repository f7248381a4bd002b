{#
  Post-hook of every mart and seed, in the transaction that makes it: where a role was let see one
  company (`make grant`), this relation gets its policy, or its filter if it is a view, and the role's
  right to read it. Where nobody was, it costs one look for the whole run.
#}
{% macro restrict_to_companies() -%}
    {{ return(adapter.dispatch('restrict_to_companies')()) }}
{%- endmacro %}

{% macro default__restrict_to_companies() -%}
{%- endmacro %}

{% macro postgres__restrict_to_companies() -%}
    {%- if execute and 'nodes' in graph -%}
        {%- set function = generate_schema_name('consent_access', none) ~ '.restrict' -%}
        {%- if 'has_company_access' not in graph -%}
            {%- set found = run_query("select to_regproc('" ~ function ~ "') is not null") -%}
            {%- do graph.update({'has_company_access': found.columns[0][0]}) -%}
        {%- endif -%}
        {%- if graph['has_company_access'] -%}
    select {{ function }}('{{ this }}')
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
