{#
  Post-hook: statistics, without which the first builds are planned blindly. `vacuum` also lets
  checks of keys read the index alone. A table that a load changed little keeps what it has.
#}
{% macro refresh_statistics(vacuum=false) -%}
    {{ return(adapter.dispatch('refresh_statistics')(vacuum)) }}
{%- endmacro %}

{% macro default__refresh_statistics(vacuum) -%}
{%- endmacro %}

{% macro postgres__refresh_statistics(vacuum) -%}
    {%- if model.config.materialized == 'table' or (model.config.materialized == 'incremental' and _has_changed_much()) -%}
    {{ 'vacuum (analyze)' if vacuum else 'analyze' }} {{ this }}
    {%- endif -%}
{%- endmacro %}

{# Whether more than a tenth of the rows are new: below that, the server's autovacuum sees to it. #}
{% macro _has_changed_much() -%}
    {%- set known_row_count = run_query("select reltuples from pg_class where oid = cast('" ~ this ~ "' as regclass)").columns[0][0] -%}
    {{ return(known_row_count <= 0 or load_result('main').response.rows_affected > known_row_count / 10) }}
{%- endmacro %}
