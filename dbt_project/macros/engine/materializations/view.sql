{#
  A view that exists is replaced in place, so that the views on it stay (see table.sql); one whose
  columns differ is built as dbt builds it.
#}
{% materialization view, adapter='postgres' %}
    {%- set existing = relation_now(this) -%}
    {%- if existing is none or not existing.is_view -%}
        {{ return(materialization_view_default()) }}
    {%- endif -%}

    {%- set probe = make_temp_relation(existing) -%}
    {%- call statement('probe') -%}
        create temporary view {{ probe }} as {{ sql }}
    {%- endcall -%}
    {%- set is_replaceable = columns_of_both(probe, existing, by='attnum') is not none -%}
    {%- call statement('forget_probe') -%}
        drop view {{ probe }}
    {%- endcall -%}
    {%- if not is_replaceable -%}
        {{ return(materialization_view_default()) }}
    {%- endif -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main') -%}
        {{ get_replace_view_sql(existing, sql) }}
    {%- endcall -%}
    {%- do apply_grants(existing, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=False)) -%}
    {%- do persist_docs(existing, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [existing]}) }}
{% endmaterialization %}
