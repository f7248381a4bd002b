{#
  Hook at the start of a run. `--empty` has each model read nothing, to try its SQL at little cost.
  Here it would empty the marts and have every stored model computed again.
#}
{% macro refuse_empty() -%}
    {%- if execute and flags.EMPTY -%}
        {{ exceptions.raise_compiler_error('--empty would empty the marts. Nothing was changed. `dbt compile` tries the SQL; `dbt test --select test_type:unit` runs it on rows of its own.') }}
    {%- endif -%}
{%- endmacro %}
