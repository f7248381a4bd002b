{# What one row stands for under each weighting: the one place for each rule. #}

{# Weightings whose sums are kept; `unweighted` sums are row counts. #}
{% macro weightings() -%}
    {{ return(['count_over_rate', 'count', 'inverse_rate']) }}
{%- endmacro %}

{# A row without a rate counts as if nothing had been sampled away: a lower bound. #}
{% macro rate_or_one(rate) -%}
    coalesce({{ rate }}, 1.0)
{%- endmacro %}

{% macro weight(weighting, count='reported_count', rate='sampling_rate') -%}
    {%- if weighting == 'count_over_rate' -%}
        {{ count }} / {{ rate_or_one(rate) }}
    {%- elif weighting == 'count' -%}
        cast({{ count }} as double precision)
    {%- elif weighting == 'inverse_rate' -%}
        1 / {{ rate_or_one(rate) }}
    {%- elif weighting == 'unweighted' -%}
        cast(1 as double precision)
    {%- else -%}
        {{ exceptions.raise_compiler_error("no such weighting: " ~ weighting) }}
    {%- endif -%}
{%- endmacro %}

{#
  For each weighting w: `<w>_sum` is Σw, `<w>_square_sum` is Σw² (effective sample sizes),
  `<w>_variance` is Σ(1−RATE)·w² (variance of Σw when events were sampled independently). It is null
  where no row has a RATE: nobody knows what was sampled. Beside others, such a row adds 0.
#}
{% macro weight_sums() -%}
    {%- for weighting in weightings() -%}
    {%- set w = '(' ~ weight(weighting) ~ ')' %}
    sum({{ w }}) as {{ weighting }}_sum,
    sum({{ w }} * {{ w }}) as {{ weighting }}_square_sum,
    sum((1 - sampling_rate) * {{ w }} * {{ w }}) as {{ weighting }}_variance
    {%- if not loop.last %},{% endif %}
    {%- endfor -%}
{%- endmacro %}

{# The columns of `weight_sums`, added up again over coarser groups. #}
{% macro weight_sums_again() -%}
    {%- for weighting in weightings() %}
    sum({{ weighting }}_sum) as {{ weighting }}_sum,
    sum({{ weighting }}_square_sum) as {{ weighting }}_square_sum,
    sum({{ weighting }}_variance) as {{ weighting }}_variance
    {%- if not loop.last %},{% endif %}
    {%- endfor -%}
{%- endmacro %}

{# The names of those columns. #}
{% macro weight_sum_names(relation) -%}
    {%- for weighting in weightings() %}
    {{ relation }}.{{ weighting }}_sum,
    {{ relation }}.{{ weighting }}_square_sum,
    {{ relation }}.{{ weighting }}_variance
    {%- if not loop.last %},{% endif %}
    {%- endfor -%}
{%- endmacro %}

{#
  The corrected weighting: COUNT where the sampling diagnosis says that COUNT already is the weight,
  else COUNT / RATE as the assignment has it. `sums` has the columns of `weight_sums`, `part` is one
  of sum, square_sum and variance, and `weightings` is int_company_weighting, joined by company.
#}
{% macro corrected(sums, part, weightings='weightings') -%}
    case {{ weightings }}.weighting_used
        when 'count' then {{ sums }}.count_{{ part }}
        else {{ sums }}.count_over_rate_{{ part }}
    end
{%- endmacro %}

{# The columns corrected_sum, corrected_square_sum and corrected_variance. #}
{% macro corrected_sums(sums, weightings='weightings') -%}
    {%- for part in ['sum', 'square_sum', 'variance'] %}
    {{ corrected(sums, part, weightings) }} as corrected_{{ part }}
    {%- if not loop.last %},{% endif %}
    {%- endfor -%}
{%- endmacro %}

{# Whether COUNT is what 1 / RATE rounds to (a half either way). #}
{% macro count_is_weight(count='reported_count', rate='sampling_rate') -%}
    abs({{ count }} - 1 / {{ rate }}) <= 0.5
{%- endmacro %}

{#
  What the sampled rows (RATE < 1) of which `matching` have COUNT = round(1 / RATE) say about
  COUNT. Fewer than twenty rows say nothing.
#}
{% macro sampling_verdict(sampled, matching) -%}
    case
        when {{ sampled }} < 20 then 'undecided'
        when {{ matching }} >= 0.95 * {{ sampled }} then 'COUNT is already the weight'
        when {{ matching }} <= 0.05 * {{ sampled }} then 'COUNT / RATE is the weight'
        else 'undecided'
    end
{%- endmacro %}

{# The sentence that follows from a verdict. #}
{% macro sampling_sentence(verdict, sampled) -%}
    case
        when {{ verdict }} = 'COUNT is already the weight'
            then 'COUNT already says how many events a row stands for: COUNT / RATE applies the sampling twice; add up COUNT.'
        when {{ verdict }} = 'COUNT / RATE is the weight'
            then 'COUNT does not contain the sampling: COUNT / RATE is the number of events that a row stands for.'
        when {{ sampled }} = 0
            then 'No row was sampled: all weightings that use RATE agree.'
        when {{ sampled }} < 20
            then 'Fewer than 20 sampled rows: too few to tell; the other deliveries decide.'
        else 'Some rows have COUNT = round(1 / RATE), others not: neither formula holds throughout; ask who made the delivery.'
    end
{%- endmacro %}
