{#
  The chance that `k` of `total` things, drawn at random without putting any back, are all among
  `part` of them: C(part, k) / C(total, k). `k` is at most `part`.
#}
{% macro chance_of_all(k, part, total) -%}
    exp(
        {{ ln_factorial(part) }} - {{ ln_factorial(part ~ ' - ' ~ k) }}
        - {{ ln_factorial(total) }} + {{ ln_factorial(total ~ ' - ' ~ k) }}
    )
{%- endmacro %}

{#
  ln n! by Stirling's series at n + 4, where it is exact to 3e-9. A product of `k` factors would need
  a table of numbers, and `lgamma` is new in PostgreSQL 18.
#}
{% macro ln_factorial(n) -%}
    {%- set m = '(cast(' ~ n ~ ' as double precision) + 4)' -%}
    (
        {{ m }} * ln({{ m }}) - {{ m }} + 0.5 * ln(2 * pi() * {{ m }})
        + 1 / (12 * {{ m }}) - 1 / (360 * power({{ m }}, 3)) + 1 / (1260 * power({{ m }}, 5)) - 1 / (1680 * power({{ m }}, 7))
        - ln({{ m }}) - ln({{ m }} - 1) - ln({{ m }} - 2) - ln({{ m }} - 3)
    )
{%- endmacro %}
