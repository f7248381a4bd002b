{# How unlikely a difference is by chance: the one place for each formula. Arguments are double precision. #}

{#
  Chance that a standard normal value is further from 0 than `z`: Chebyshev's fit of Numerical Recipes
  (erfcc), within a relative 1.2e-7 in the far tails too, which the false discovery rate needs. Beyond
  z = 37 it stays as it is there, since exp() would underflow.
#}
{% macro two_sided_p_value(z) -%}
    {%- set x = 'least(abs(' ~ z ~ '), 37) / sqrt(2.0)' -%}
    {%- set t = '(1 / (1 + ' ~ x ~ ' / 2))' -%}
    {%- set sum = namespace(text='0.17087277') -%}
    {%- for factor in [
        '-0.82215223', '1.48851587', '-1.13520398', '0.27886807', '-0.18628806', '0.09678418',
        '0.37409196', '1.00002368', '-1.26551223',
    ] -%}
        {%- set sum.text = '(' ~ factor ~ ' + ' ~ t ~ ' * ' ~ sum.text ~ ')' -%}
    {%- endfor -%}
    case when {{ z }} is not null then {{ t }} * exp({{ sum.text }} - power({{ x }}, 2)) end
{%- endmacro %}

{#
  Standard normal value of the difference of two probabilities, from each share and its effective size,
  on the arcsine scale. Refused: the pooled variance, which finds nine times the chance differences
  that it should where a period of 50 choices follows one of 1,000 at a rate of 90 %.
#}
{% macro share_difference_z(p, n, other, other_n) -%}
    2 * (asin(sqrt({{ p }})) - asin(sqrt({{ other }}))) / sqrt(1 / {{ n }} + 1 / {{ other_n }})
{%- endmacro %}

{# The same of two ratios, on the log scale, from each ratio and its relative variance. #}
{% macro ratio_difference_z(ratio, variance, other, other_variance) -%}
    ln({{ ratio }} / {{ other }}) / sqrt({{ variance }} + {{ other_variance }})
{%- endmacro %}

{#
  Smallest false discovery rate at which a test is a discovery (Benjamini and Hochberg), from its
  p-value, its rank by it (from 1) and the number of tests.
#}
{% macro false_discovery_rate(p, rank, tests) -%}
    min({{ p }} * {{ tests }} / {{ rank }}) over (order by {{ p }} desc)
{%- endmacro %}

{#
  Rows of equal weight that each of two equal arms needs to find that a probability `p` became `other`,
  at 80 % power and a two-sided level of 5 %: (z₀.₉₇₅ + z₀.₈)² · (p(1−p) + q(1−q)) / (p−q)².
#}
{% macro rows_per_arm(p, other) -%}
    ceiling(
        power({{ interval_z() }} + 0.8416212335729143, 2)
        * ({{ p }} * (1 - ({{ p }})) + ({{ other }}) * (1 - ({{ other }}))) / power({{ p }} - ({{ other }}), 2)
    )
{%- endmacro %}

{#
  Chance of a chi-square of at least this size. With one degree of freedom it is the square of a standard
  normal value, with two its tail is an exponential; with more its cube root is about normal (Wilson and
  Hilferty). `z` is the column with `chi_square_z`; null with no degree of freedom.
#}
{% macro chi_square_z(chi_square, degrees) -%}
    case
        when {{ degrees }} = 1 then sqrt({{ chi_square }})
        when {{ degrees }} > 2
            then (power({{ chi_square }} / {{ degrees }}, 1.0 / 3) - (1 - 2 / (9 * {{ degrees }}))) / sqrt(2 / (9 * {{ degrees }}))
    end
{%- endmacro %}

{% macro chi_square_p_value(chi_square, degrees, z) -%}
    case
        when {{ degrees }} = 1 then {{ two_sided_p_value(z) }}
        when {{ degrees }} = 2 then exp(-least({{ chi_square }} / 2, 700))
        when {{ degrees }} > 2 and {{ z }} > 0 then ({{ two_sided_p_value(z) }}) / 2
        when {{ degrees }} > 2 then 1 - ({{ two_sided_p_value(z) }}) / 2
    end
{%- endmacro %}
