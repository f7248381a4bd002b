{#
  95 % interval of a difference of two independent shares, from the intervals of each (Newcombe's
  hybrid score): `p`, `lower`, `upper` of an arm, the same of the control.
#}
{% macro difference_lower(p, lower, control, control_upper) -%}
    {{ p }} - {{ control }} - sqrt(power({{ p }} - {{ lower }}, 2) + power({{ control_upper }} - {{ control }}, 2))
{%- endmacro %}

{% macro difference_upper(p, upper, control, control_lower) -%}
    {{ p }} - {{ control }} + sqrt(power({{ upper }} - {{ p }}, 2) + power({{ control }} - {{ control_lower }}, 2))
{%- endmacro %}
