{#
  A table that exists keeps existing: its rows are replaced in one transaction.

  dbt's own materialization builds a second table, renames both and drops the old one with cascade.
  That takes along every view on the table, grants and policies included, and a reader who comes
  between waits for the rename or finds nothing. Here, readers see the old rows until the commit
  and the new ones after it.

  A table whose columns differ, or that is not there yet, is built as dbt builds it.
  Refused: `truncate`, which empties the table for readers that began before it. Cost: the rows of
  a mart are dead once a build, until autovacuum takes them; marts hold aggregates, not events.
#}
{% materialization table, adapter='postgres' %}
    {%- set existing = relation_now(this) -%}
    {%- if existing is none or not existing.is_table -%}
        {{ return(materialization_table_default()) }}
    {%- endif -%}
    {%- if config.get('meta').get('is_report') and not reads_same_loads() -%}
        {%- do store_raw_result('main', message='KEPT', code='KEPT', rows_affected='0') -%}
        {{ return({'relations': [existing]}) }}
    {%- endif -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set built = make_temp_relation(existing) -%}
    {%- call statement('build') -%}
        {{ get_create_table_as_sql(True, built, sql) }}
    {%- endcall -%}

    {#- By name: a contract has the table's columns in another order than the model's SQL may have. -#}
    {%- set columns = columns_of_both(built, existing, by='attname') -%}
    {%- if columns is not none -%}
        {%- call statement('main') -%}
            {{ replace_rows(existing, built, columns) }}
        {%- endcall -%}
    {%- else -%}
        {%- set with_new_columns = make_intermediate_relation(existing) -%}
        {%- set backup = make_backup_relation(existing, 'table') -%}
        {{ drop_relation_if_exists(load_cached_relation(with_new_columns)) }}
        {{ drop_relation_if_exists(load_cached_relation(backup)) }}
        {%- call statement('main') -%}
            {{ get_create_table_as_sql(False, with_new_columns, 'select * from ' ~ built) }}
        {%- endcall -%}
        {%- do create_indexes(with_new_columns) -%}
        {%- do adapter.rename_relation(existing, backup) -%}
        {%- do adapter.rename_relation(with_new_columns, existing) -%}
    {%- endif -%}

    {%- do apply_grants(existing, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=backup is defined)) -%}
    {%- do persist_docs(existing, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}

    {%- if backup is defined -%}
        {{ drop_relation_if_exists(backup) }}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [existing]}) }}
{% endmaterialization %}
