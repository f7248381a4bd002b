{#
  Seeds are refilled in place too, also with `--full-refresh`: dbt's own macro truncates, or drops
  with cascade. A seed whose columns have changed is still dropped and made again.
#}
{% macro postgres__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {%- set wanted, found = [], [] -%}
    {%- for name in agate_table.column_names -%}
        {%- do wanted.append((name, model.config.get('column_types', {}).get(name, adapter.convert_type(agate_table, loop.index0)))) -%}
    {%- endfor -%}
    {%- for column in adapter.get_columns_in_relation(old_relation) -%}
        {%- do found.append((column.name, column.data_type)) -%}
    {%- endfor -%}
    {%- if full_refresh and wanted != found -%}
        {%- do adapter.drop_relation(old_relation) -%}
        {{ return(create_csv_table(model, agate_table)) }}
    {%- endif -%}
    {%- set emptied -%}
        lock table {{ old_relation }} in share row exclusive mode;
        delete from {{ old_relation }}
    {%- endset -%}
    {%- call statement('empty') -%}{{ emptied }}{%- endcall -%}
    {{ return(emptied) }}
{%- endmacro %}
