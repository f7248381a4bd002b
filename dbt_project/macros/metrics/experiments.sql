{# Arithmetic of experiments: differences of shares, and the check of the split. #}

{# Chance that a standard normal value is further from 0 than `z` (Abramowitz and Stegun 7.1.26, within 2e-7). #}
{% macro two_sided_p_value(z) -%}
    {%- set t = '(1 / (1 + 0.3275911 * abs(' ~ z ~ ') / sqrt(2.0)))' -%}
    {{ t }} * (0.254829592 + {{ t }} * (-0.284496736 + {{ t }} * (1.421413741 + {{ t }} * (-1.453152027 + {{ t }} * 1.061405429))))
    * exp(-least(({{ z }}) * ({{ z }}) / 2, 700))
{%- endmacro %}

{#
  Chance of a chi-square of at least `statistic` when the split is even: exact for two and three
  arms, Wilson and Hilferty's cube root for more.
#}
{% macro chi_square_p_value(statistic, arms) -%}
    {%- set degrees = '(' ~ arms ~ ' - 1.0)' -%}
    {%- set z = '((power(' ~ statistic ~ ' / ' ~ degrees ~ ', 1.0 / 3) - (1 - 2 / (9 * ' ~ degrees ~ '))) / sqrt(2 / (9 * ' ~ degrees ~ ')))' -%}
    case
        when {{ arms }} = 2 then {{ two_sided_p_value('sqrt(' ~ statistic ~ ')') }}
        when {{ arms }} = 3 then exp(-least({{ statistic }} / 2, 700))
        when {{ arms }} > 3 and {{ z }} > 0 then ({{ two_sided_p_value(z) }}) / 2
        when {{ arms }} > 3 then 1 - ({{ two_sided_p_value(z) }}) / 2
    end
{%- endmacro %}

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
