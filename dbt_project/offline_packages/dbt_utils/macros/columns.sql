{# Nulls take a text of their own, so that ('a', null) and (null, 'a') differ. #}
{% macro generate_surrogate_key(field_list) -%}
    {%- set texts = [] -%}
    {%- for field in field_list -%}
        {%- do texts.append("coalesce(cast(" ~ field ~ " as " ~ dbt.type_string() ~ "), '_dbt_utils_surrogate_key_null_')") -%}
    {%- endfor -%}
    {{ dbt.hash(texts | join(" || '-' || ")) }}
{%- endmacro %}

{% macro safe_divide(numerator, denominator) -%}
    ({{ numerator }}) / nullif(({{ denominator }}), 0)
{%- endmacro %}
