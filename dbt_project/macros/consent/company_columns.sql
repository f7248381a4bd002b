{# The columns of a company that every company mart carries. #}
{% macro company_columns(relation='companies') -%}
    {{ relation }}.industry_detailed,
    {{ relation }}.industry,
    {{ relation }}.hq_country
{%- endmacro %}
