{#
  Rows, extrapolated count and its interval for one thing that happens to a purpose or vendor
  (`shown`, `enabled`, …), from the sums of int_company_items.
#}
{% macro item_count_columns(relation, name) -%}
    {%- set rows = relation ~ '.' ~ name ~ '_row_count' -%}
    {%- set sum = relation ~ '.assignment_' ~ name ~ '_sum' -%}
    {%- set square_sum = relation ~ '.assignment_' ~ name ~ '_square_sum' -%}
    {%- set variance = relation ~ '.assignment_' ~ name ~ '_variance' -%}
    {%- set is_enough = 'not ' ~ relation ~ '.are_payloads_recycled and ' ~ has_enough_rows(rows, variances=[variance]) -%}
    {{ rows }},
    {{ sum }} as {{ name }}_count,
    {{ if_reliable(is_enough, count_lower(sum, variance)) }} as {{ name }}_count_lower,
    {{ if_reliable(is_enough, count_upper(sum, variance)) }} as {{ name }}_count_upper,
    {{ effective_sample_size(sum, square_sum) }} as {{ name }}_count_effective_sample_size,
    {{ is_enough }} as {{ name }}_count_is_reliable
{%- endmacro %}
