{#
  The default target's schemas are named after the layers: staging, intermediate, marts. Any other
  target puts its own schema in front (dev_marts), so that several share one database.
  database/datasets.py says the same for the page.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if custom_schema_name is none -%}
        {{ target.schema }}
    {%- elif target.schema == 'analytics' -%}
        {{ custom_schema_name | trim }}
    {%- else -%}
        {{ target.schema }}_{{ custom_schema_name | trim }}
    {%- endif -%}
{%- endmacro %}
