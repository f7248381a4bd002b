{#
  Seeds are refilled in place too, also with `--full-refresh`: dbt's own macro truncates, or drops
  with cascade. A seed whose columns have changed, as after an upgrade, is made again without a flag,
  and takes the name of the old one with the views on it (rename.sql).
#}
{% macro postgres__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {%- set wanted, found = [], [] -%}
    {%- for name in agate_table.column_names -%}
        {%- do wanted.append((name, model.config.get('column_types', {}).get(name) or adapter.convert_type(agate_table, loop.index0))) -%}
    {%- endfor -%}
    {%- for column in adapter.get_columns_in_relation(old_relation) -%}
        {%- do found.append((column.name, column.data_type)) -%}
    {%- endfor -%}
    {%- if wanted != found -%}
        {%- set with_new_columns, backup = make_intermediate_relation(old_relation), make_backup_relation(old_relation, 'table') -%}
        {%- do adapter.rename_relation(old_relation, backup) -%}
        {%- set created = create_csv_table(model, agate_table) -%}
        {%- do adapter.rename_relation(old_relation, with_new_columns) -%}
        {%- do adapter.rename_relation(with_new_columns, old_relation) -%}
        {%- do adapter.drop_relation(backup) -%}
        {{ return(created) }}
    {%- endif -%}
    {%- set emptied -%}
        lock table {{ old_relation }} in share row exclusive mode;
        delete from {{ old_relation }}
    {%- endset -%}
    {%- call statement('empty') -%}{{ emptied }}{%- endcall -%}
    {{ return(emptied) }}
{%- endmacro %}

{#
  Fills a seed in one statement. dbt's own macro calls two others for each cell, which takes longer
  than the insert.
#}
{% macro postgres__load_csv_rows(model, agate_table) -%}
    {%- set names = agate_table.column_names -%}
    {%- set row = '(' ~ (['%s'] * names | length) | join(', ') ~ ')' -%}
    {%- set filled -%}
        insert into {{ this.render() }} ({{ get_seed_column_quoted_csv(model, names) }})
        values {{ ([row] * agate_table.rows | length) | join(', ') }}
    {%- endset -%}
    {%- set cells = [] -%}
    {%- for row in agate_table.rows -%}
        {%- do cells.extend(row) -%}
    {%- endfor -%}
    {%- do adapter.add_query(filled, bindings=cells, abridge_sql_log=True) -%}
    {{ return(filled) }}
{%- endmacro %}
