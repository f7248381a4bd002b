{#
  A number of rows at which a delivery was cut rather than done: several files share it, or it is
  round. By chance one file in a hundred has a multiple of 100.
#}
{% macro is_row_limit(rows, files_with_as_many) -%}
    ({{ rows }} >= 100 and ({{ files_with_as_many }} > 1 or mod({{ rows }}, 100) = 0))
{%- endmacro %}

{# Most clock hours with events of a file that counts as narrow: less than the days that whole deliveries cover. #}
{% macro narrow_hours() -%}
    {{ return(24) }}
{%- endmacro %}

{# One count of an hour, from a row of int_company_hours (none where the hour has no events). #}
{% macro hour_count_columns(relation, name, column) -%}
    {%- set sum, variance = [relation ~ '.' ~ name ~ '_sum', relation ~ '.' ~ name ~ '_variance'] -%}
    {%- set is_reliable = relation ~ '.is_decided and ' ~ has_enough_rows(relation ~ '.' ~ name ~ '_row_count') -%}
    coalesce({{ sum }}, 0) as {{ column }},
    {{ if_reliable(is_reliable, count_lower(sum, variance)) }} as {{ column }}_lower,
    {{ if_reliable(is_reliable, count_upper(sum, variance)) }} as {{ column }}_upper,
    {{ effective_sample_size(sum, relation ~ '.' ~ name ~ '_square_sum') }} as {{ column }}_effective_sample_size,
    coalesce({{ is_reliable }}, false) as {{ column }}_is_reliable
{%- endmacro %}

{# All events of the company (window `company`) for each of its observed hours. #}
{% macro per_observed_hour(relation, column) -%}
    {%- set sum, square_sum, variance, rows = _over_company(relation, ['event_sum', 'event_square_sum', 'event_variance', 'event_row_count']) -%}
    {%- set is_reliable = has_enough_rows(rows) ~ ' and max(case when ' ~ relation ~ '.is_decided then 1 end) over company = 1' -%}
    {%- set name = column ~ '_per_observed_hour' -%}
    {{ sum }} / count(*) over company as {{ name }},
    {{ if_reliable(is_reliable, '(' ~ count_lower(sum, variance) ~ ') / count(*) over company') }} as {{ name }}_lower,
    {{ if_reliable(is_reliable, '(' ~ count_upper(sum, variance) ~ ') / count(*) over company') }} as {{ name }}_upper,
    {{ effective_sample_size(sum, square_sum) }} as {{ name }}_effective_sample_size,
    coalesce({{ is_reliable }}, false) as {{ name }}_is_reliable
{%- endmacro %}

{% macro _over_company(relation, columns) -%}
    {%- set sums = [] -%}
    {%- for column in columns -%}
        {%- do sums.append('sum(' ~ relation ~ '.' ~ column ~ ') over company') -%}
    {%- endfor -%}
    {{ return(sums) }}
{%- endmacro %}
