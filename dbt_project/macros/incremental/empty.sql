{#
  Hook at the start of a run. `--empty` has each model read nothing, to try its SQL at little cost.
  Here it would empty the marts and have every stored model computed again.
#}
{% macro refuse_empty() -%}
    {%- if execute and flags.EMPTY -%}
        {{ exceptions.raise_compiler_error('--empty would empty the marts, so nothing was done. To try the SQL without data, use `dbt compile`, or `dbt test --select test_type:unit`, which runs it on made-up rows.') }}
    {%- endif -%}
{%- endmacro %}
