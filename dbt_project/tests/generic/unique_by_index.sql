{#
  `unique`, but without a scan where the database enforces it: a valid unique index on the column
  cannot hold a value twice. Without such an index (dropped by hand, another engine) it scans.
#}
{% test unique_by_index(model, column_name) %}
    {%- if execute and is_enforced_unique(model, column_name) -%}
    select cast(null as {{ dbt.type_string() }}) as unique_field
    where false
    {%- else -%}
    {{ default__test_unique(model, column_name) }}
    {%- endif -%}
{% endtest %}
