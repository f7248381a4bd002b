{#
  A unique index of a stored aggregate covers columns that may be null (a country, a status), and
  two rows that agree in a null are the same row, too. Postgres knows such an index from 15 on; on 14
  it holds only rows without a null.
#}
{% macro postgres__get_create_index_sql(relation, index_dict) -%}
    {%- set index = adapter.parse_index(index_dict) -%}
    {%- set columns = ', '.join(index.columns) -%}
    create {% if index.unique %}unique {% endif %}index if not exists "{{ index.render(relation) }}"
    on {{ relation }} {% if index.type %}using {{ index.type }} {% endif %}({{ columns }})
    {%- if index.unique and knows_nulls_not_distinct() %} nulls not distinct{% endif %}
{%- endmacro %}

{% macro knows_nulls_not_distinct() -%}
    {{ return(run_query("select current_setting('server_version_num')::integer >= 150000").columns[0][0]) }}
{%- endmacro %}


{#
  Post-hook of fct_events: the index that leads from a consent token to its choices. Most events have
  none, and dbt's `indexes` cannot leave them out.
#}
{% macro index_tokens() -%}
    {{ return(adapter.dispatch('index_tokens')()) }}
{%- endmacro %}

{% macro default__index_tokens() -%}
{%- endmacro %}

{% macro postgres__index_tokens() -%}
    {#- without a name, since a table that is about to be replaced has the index, too -#}
    {%- set partial_indexes = "select count(*) from pg_index where indrelid = cast('" ~ this ~ "' as regclass) and indpred is not null" -%}
    {%- if execute and run_query(partial_indexes).columns[0][0] == 0 -%}
    create index on {{ this }} (company_id, token_created_at) where token_created_at is not null
    {%- endif -%}
{%- endmacro %}
