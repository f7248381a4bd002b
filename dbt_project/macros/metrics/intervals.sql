{#
  95 % intervals and what they need, from the sums of `weight_sums` (weighting.sql): the one place
  for each formula. Arguments are expressions of type double precision; pass columns, not sums.
  All assume that events were sampled independently and that the weighting is right.
#}

{# Standard normal deviate of a 95 % interval. #}
{% macro interval_z() -%}
    {{ return('1.959963984540054') }}
{%- endmacro %}

{# Whether there are rows enough for an interval: at least five on each side. #}
{% macro has_enough_rows(rows, other_rows=none) -%}
    ({{ rows }} >= 5{% if other_rows is not none %} and {{ other_rows }} >= 5{% endif %})
{%- endmacro %}

{# `value` where `is_reliable`, else null: too few rows give no interval. #}
{% macro if_reliable(is_reliable, value) -%}
    case when {{ is_reliable }} then {{ value }} end
{%- endmacro %}

{# (Σw)² / Σw²: as many rows of equal weight would tell as much. #}
{% macro effective_sample_size(sum, square_sum) -%}
    ({{ sum }}) * ({{ sum }}) / nullif({{ square_sum }}, 0)
{%- endmacro %}

{# Σw of the log before sampling: Σw ∓ z·√V, V = Σ(1−RATE)·w²; width 0 where nothing was sampled. #}
{% macro count_lower(sum, variance) -%}
    greatest(({{ sum }}) - {{ interval_z() }} * sqrt({{ variance }}), 0)
{%- endmacro %}

{% macro count_upper(sum, variance) -%}
    ({{ sum }}) + {{ interval_z() }} * sqrt({{ variance }})
{%- endmacro %}

{# G / A of the log before sampling, on the log scale: relative variance V_g / G² + V_a / A². #}
{% macro ratio_lower(g, variance_g, a, variance_a) -%}
    {{ ratio_bound(g, variance_g, a, variance_a, '-') }}
{%- endmacro %}

{% macro ratio_upper(g, variance_g, a, variance_a) -%}
    {{ ratio_bound(g, variance_g, a, variance_a, '+') }}
{%- endmacro %}

{% macro ratio_bound(g, variance_g, a, variance_a, sign) -%}
    {%- set g, a = 'nullif(' ~ g ~ ', 0)', 'nullif(' ~ a ~ ', 0)' -%}
    {{ g }} / {{ a }}
    * exp(0 {{ sign }} {{ interval_z() }} * sqrt(({{ variance_g }}) / {{ g }} / {{ g }} + ({{ variance_a }}) / {{ a }} / {{ a }}))
{%- endmacro %}

{# Wilson's interval of a probability, from a share and its effective sample size. #}
{% macro wilson_lower(p, n) -%}
    {{ wilson_bound(p, n, '-') }}
{%- endmacro %}

{% macro wilson_upper(p, n) -%}
    {{ wilson_bound(p, n, '+') }}
{%- endmacro %}

{% macro wilson_bound(p, n, sign) -%}
    {%- set z, p, n = interval_z(), '(' ~ p ~ ')', 'nullif(' ~ n ~ ', 0)' -%}
    (
        {{ p }} + {{ z }} * {{ z }} / (2 * {{ n }})
        {{ sign }} {{ z }} * sqrt(greatest({{ p }} * (1 - {{ p }}), 0) / {{ n }} + {{ z }} * {{ z }} / (4 * {{ n }} * {{ n }}))
    ) / (1 + {{ z }} * {{ z }} / {{ n }})
{%- endmacro %}

{#
  Variance of a share that mixes rates, Σ(1−RATE)·w²·(y−p)² / (Σw)²: `variance` of the part
  (y = 1) and `total_variance` of part and rest together.
#}
{% macro mixed_share_variance(p, variance, total_sum, total_variance) -%}
    (
        (1 - ({{ p }})) * (1 - ({{ p }})) * ({{ variance }})
        -- rounding may take the rest below 0
        + ({{ p }}) * ({{ p }}) * greatest(({{ total_variance }}) - ({{ variance }}), 0)
    ) / nullif(({{ total_sum }}) * ({{ total_sum }}), 0)
{%- endmacro %}

{# A share of the log before sampling, from its variance. #}
{% macro share_lower(p, variance) -%}
    greatest(({{ p }}) - {{ interval_z() }} * sqrt({{ variance }}), 0)
{%- endmacro %}

{% macro share_upper(p, variance) -%}
    least(({{ p }}) + {{ interval_z() }} * sqrt({{ variance }}), 1)
{%- endmacro %}
