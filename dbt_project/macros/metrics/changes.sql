{# Whether a figure changed, appeared or vanished. Sums in another order differ in their last digits. #}
{% macro has_moved(previous, current) -%}
    (
        ({{ previous }} is null) <> ({{ current }} is null)
        or coalesce(abs({{ current }} - {{ previous }}) > 1e-9 * greatest(abs({{ previous }}), abs({{ current }})), false)
    )
{%- endmacro %}
