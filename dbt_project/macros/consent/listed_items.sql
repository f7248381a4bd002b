{#
  Purposes and vendors as columns, from rows of int_company_items. `enabled_rate` is
  enabled / (enabled + disabled), a share within the choices; `enabled_per_shown` is
  enabled / shown, a ratio of two types of event.
#}

{% macro item_figures() -%}
    {{ return(['shown', 'enabled', 'disabled', 'enabled_everywhere', 'disabled_everywhere']) }}
{%- endmacro %}

{# The figures of an item side by side, 0 where there is none; for a `group by`. #}
{% macro item_sums() -%}
    {%- for figure in item_figures() %}
    cast(coalesce(sum(case when figure = '{{ figure }}' then event_row_count end), 0) as bigint) as {{ figure }}_rows,
    {%- for part in ['sum', 'square_sum', 'variance'] %}
    {%- for weighting in ['assignment', 'corrected'] %}
    coalesce(sum(case when figure = '{{ figure }}' then {{ weighting }}_{{ part }} end), 0) as {{ weighting }}_{{ figure }}_{{ part }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %},
    {%- endfor %}
    {%- endfor %}
    max(weighting_used) as weighting_used,
    {{ dbt.bool_or('is_weighting_decided') }} as is_weighting_decided
{%- endmacro %}

{# A figure's rows and extrapolated count with interval. #}
{% macro item_count(figure, name) -%}
    {%- set s = 'items.assignment_' ~ figure -%}
    {%- set reliable = has_enough_rows('items.' ~ figure ~ '_rows') -%}
    items.{{ figure }}_rows as {{ name }}_row_count,
    {{ s }}_sum as {{ name }}_count,
    {{ if_reliable(reliable, count_lower(s ~ '_sum', s ~ '_variance')) }} as {{ name }}_count_lower,
    {{ if_reliable(reliable, count_upper(s ~ '_sum', s ~ '_variance')) }} as {{ name }}_count_upper,
    {{ effective_sample_size(s ~ '_sum', s ~ '_square_sum') }} as {{ name }}_count_effective_sample_size,
    {{ reliable }} as {{ name }}_count_is_reliable
{%- endmacro %}

{# enabled / (enabled + disabled); `reach` is '' (on the notice) or '_everywhere'. #}
{% macro item_rate(weighting, name, reach='') -%}
    {%- set s = 'items.' ~ weighting -%}
    {%- set on, off = s ~ '_enabled' ~ reach, s ~ '_disabled' ~ reach -%}
    {%- set rate = '(' ~ on ~ '_sum / nullif(' ~ on ~ '_sum + ' ~ off ~ '_sum, 0))' -%}
    {%- set size = effective_sample_size(on ~ '_sum + ' ~ off ~ '_sum', on ~ '_square_sum + ' ~ off ~ '_square_sum') -%}
    {%- set reliable = has_enough_rows('items.enabled' ~ reach ~ '_rows', 'items.disabled' ~ reach ~ '_rows') -%}
    {{ rate }} as {{ name }},
    {{ if_reliable(reliable, wilson_lower(rate, '(' ~ size ~ ')')) }} as {{ name }}_lower,
    {{ if_reliable(reliable, wilson_upper(rate, '(' ~ size ~ ')')) }} as {{ name }}_upper,
    {{ size }} as {{ name }}_effective_sample_size,
    {{ reliable }}{{ _and_decided(weighting) }} as {{ name }}_is_reliable
{%- endmacro %}

{# enabled / shown, on the log scale; its effective sample size is that of the weaker side. #}
{% macro item_ratio(weighting, name) -%}
    {%- set s = 'items.' ~ weighting -%}
    {%- set on, shown = s ~ '_enabled', s ~ '_shown' -%}
    {%- set sides = [on ~ '_sum', on ~ '_variance', shown ~ '_sum', shown ~ '_variance'] -%}
    {%- set reliable = has_enough_rows('items.enabled_rows', 'items.shown_rows') -%}
    {{ on }}_sum / nullif({{ shown }}_sum, 0) as {{ name }},
    {{ if_reliable(reliable, ratio_lower(*sides)) }} as {{ name }}_lower,
    {{ if_reliable(reliable, ratio_upper(*sides)) }} as {{ name }}_upper,
    least(
        {{ effective_sample_size(on ~ '_sum', on ~ '_square_sum') }},
        {{ effective_sample_size(shown ~ '_sum', shown ~ '_square_sum') }}
    ) as {{ name }}_effective_sample_size,
    {{ reliable }}{{ _and_decided(weighting) }} as {{ name }}_is_reliable
{%- endmacro %}

{% macro _and_decided(weighting) -%}
    {% if weighting == 'corrected' %} and items.is_weighting_decided{% endif %}
{%- endmacro %}

{# All columns of an item in its mart. #}
{% macro item_columns() -%}
    {%- for figure in item_figures() %}
    {{ item_count(figure, figure) }},
    {%- endfor %}
    {{ item_rate('assignment', 'enabled_rate') }},
    {{ item_rate('corrected', 'corrected_enabled_rate') }},
    {{ item_rate('assignment', 'enabled_rate_everywhere', '_everywhere') }},
    {{ item_ratio('assignment', 'enabled_per_shown') }},
    {{ item_ratio('corrected', 'corrected_enabled_per_shown') }},
    items.weighting_used
{%- endmacro %}
