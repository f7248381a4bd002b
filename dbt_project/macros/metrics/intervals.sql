{#
  95 % intervals, from the sums of `weight_sums` (weighting.sql): the one place for each formula in
  SQL. dashboard/metrics/intervals.py has the same; tests/dbt/test_intervals_agree.py compares them.
  Arguments are expressions of type double precision; pass columns, not sums. All assume that events
  were sampled independently and that the weighting is right.
#}

{# Standard normal deviate of a 95 % interval. #}
{% macro interval_z() -%}
    {{ return('1.959963984540054') }}
{%- endmacro %}

{#
  Whether there are enough rows for an interval: at least five on each side, and, where it needs
  `variances`, a RATE on some row of each.
#}
{% macro has_enough_rows(rows, other_rows=none, variances=[]) -%}
    (
        {{- rows }} >= 5{% if other_rows is not none %} and {{ other_rows }} >= 5{% endif %}
        {%- for variance in variances %} and {{ variance }} is not null{% endfor -%}
    )
{%- endmacro %}

{# `value` where `is_reliable`, else null: too few rows give no interval. #}
{% macro if_reliable(is_reliable, value) -%}
    case when {{ is_reliable }} then {{ value }} end
{%- endmacro %}

{# (Σw)² / Σw²: so many rows of equal weight would tell as much. #}
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

{# An odds ratio, on the log scale, from the variance of its logarithm. #}
{% macro odds_ratio_bound(odds_ratio, log_variance, sign) -%}
    {{ odds_ratio }} * exp(0 {{ sign }} {{ interval_z() }} * sqrt({{ log_variance }}))
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

{#
  The columns that follow a figure: `<name>_lower`, `<name>_upper`, `<name>_effective_sample_size` and
  `<name>_is_reliable`. A side (`side`, `part`, `base`, `whole`) is the prefix of four columns:
  `<side>_row_count`, `<side>_count` (Σw), `<side>_square_sum` (Σw²), `<side>_variance`. A figure with
  an interval is reliable unless `is_decided` says that the weighting is not known.
#}

{# After `<side>_count`. #}
{% macro count_interval(name, side, is_decided='true') -%}
    {%- set lower = count_lower(side ~ '_count', side ~ '_variance') -%}
    {%- set upper = count_upper(side ~ '_count', side ~ '_variance') -%}
    {%- set size = effective_sample_size(side ~ '_count', side ~ '_square_sum') -%}
    {%- set is_enough = has_enough_rows(side ~ '_row_count', variances=[side ~ '_variance']) -%}
    {{ interval_columns(name, lower, upper, size, is_enough, is_decided) }}
{%- endmacro %}

{#
  After the ratio of two types of event, part / base, or after its complement, 1 − part / base. It
  tells as much as its weaker side.
#}
{% macro ratio_interval(name, part, base, is_decided='true', is_complement=false) -%}
    {%- set sides = [part ~ '_count', part ~ '_variance', base ~ '_count', base ~ '_variance'] -%}
    {%- set lower = '1 - ' ~ ratio_upper(*sides) if is_complement else ratio_lower(*sides) -%}
    {%- set upper = '1 - ' ~ ratio_lower(*sides) if is_complement else ratio_upper(*sides) -%}
    {%- set size -%}
        case when {{ base }}_row_count > 0 then least(
            {{ effective_sample_size(part ~ '_count', part ~ '_square_sum') }},
            {{ effective_sample_size(base ~ '_count', base ~ '_square_sum') }}
        ) end
    {%- endset -%}
    {%- set is_enough = has_enough_rows(part ~ '_row_count', base ~ '_row_count', [part ~ '_variance', base ~ '_variance']) -%}
    {{ interval_columns(name, lower, upper, size, is_enough, is_decided) }}
{%- endmacro %}

{# After the part of a base of one event type, a probability. #}
{% macro probability_interval(name, part, base, is_decided='true') -%}
    {%- set share = part ~ '_count / nullif(' ~ base ~ '_count, 0)' -%}
    {%- set size = effective_sample_size(base ~ '_count', base ~ '_square_sum') -%}
    {%- set is_enough = has_enough_rows(part ~ '_row_count', base ~ '_row_count - ' ~ part ~ '_row_count') -%}
    {{ interval_columns(name, wilson_lower(share, size), wilson_upper(share, size), size, is_enough, is_decided) }}
{%- endmacro %}

{# After the part of a whole that mixes event types, and so rates. #}
{% macro mixed_share_interval(name, part, whole, is_decided='true') -%}
    {%- set share = part ~ '_count / nullif(' ~ whole ~ '_count, 0)' -%}
    {%- set variance = mixed_share_variance(share, part ~ '_variance', whole ~ '_count', whole ~ '_variance') -%}
    {%- set size = effective_sample_size(whole ~ '_count', whole ~ '_square_sum') -%}
    {%- set variances = [part ~ '_variance', whole ~ '_variance'] -%}
    {%- set is_enough = has_enough_rows(part ~ '_row_count', whole ~ '_row_count - ' ~ part ~ '_row_count', variances) -%}
    {{ interval_columns(name, share_lower(share, variance), share_upper(share, variance), size, is_enough, is_decided) }}
{%- endmacro %}

{#
  After a share of rows as such, part / base: Wilson's interval, which also holds where none of the
  rows or all of them are part of it.
#}
{% macro row_share_interval(name, part, base, is_credible='true') -%}
    {%- set rows = 'cast(' ~ base ~ ' as double precision)' -%}
    {%- set share = part ~ ' / nullif(' ~ rows ~ ', 0)' -%}
    {%- set is_enough = has_enough_rows(base) -%}
    {{ share }} as {{ name }},
    {{ if_reliable(is_enough, 'greatest(' ~ wilson_lower(share, rows) ~ ', 0)') }} as {{ name }}_lower,
    {{ if_reliable(is_enough, 'least(' ~ wilson_upper(share, rows) ~ ', 1)') }} as {{ name }}_upper,
    {{ is_enough }}{% if is_credible != 'true' %} and {{ is_credible }}{% endif %} as {{ name }}_is_reliable
{%- endmacro %}

{% macro interval_columns(name, lower, upper, size, is_enough, is_decided) -%}
    {{ if_reliable(is_enough, lower) }} as {{ name }}_lower,
    {{ if_reliable(is_enough, upper) }} as {{ name }}_upper,
    {{ size }} as {{ name }}_effective_sample_size,
    coalesce({{ is_enough }}{% if is_decided != 'true' %} and {{ is_decided }}{% endif %}, false) as {{ name }}_is_reliable
{%- endmacro %}
