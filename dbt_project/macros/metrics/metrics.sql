{#
  The metrics of a company: name, kind, and the measures (int_company_measures) that it is made of.
  count: Σw of the base. ratio: part / base, two types of event. complement: 1 − part / base.
  share: the part of a base of one event type, a probability.
#}
{% macro company_metrics() -%}
    {{ return([
        ('event_count', 'count', 'events', 'events'),
        ('pageview_count', 'count', 'pageviews', 'pageviews'),
        ('consent_asked_count', 'count', 'notices', 'notices'),
        ('consent_given_count', 'count', 'choices', 'choices'),
        ('ui_action_count', 'count', 'ui actions', 'ui actions'),
        ('conversion_rate', 'ratio', 'choices', 'notices'),
        ('conversion_rate_on_notice', 'ratio', 'choices on the notice', 'notices'),
        ('consent_rate', 'share', 'opt-ins on the notice', 'decisions on the notice'),
        ('consent_rate_everywhere', 'share', 'opt-ins', 'decisions'),
        ('opt_in_rate', 'ratio', 'opt-ins on the notice', 'notices'),
        ('opt_in_rate_everywhere', 'ratio', 'opt-ins', 'notices'),
        ('no_choice_rate', 'complement', 'choices on the notice', 'notices'),
        ('no_choice_rate_everywhere', 'complement', 'choices', 'notices'),
    ]) }}
{%- endmacro %}

{# Value of a metric of some kind, from the sums of its sides. #}
{% macro metric_value(kind) -%}
    case {{ kind }}
        when 'count' then weight_sum
        when 'complement' then 1 - part_sum / nullif(weight_sum, 0)
        else part_sum / nullif(weight_sum, 0)
    end
{%- endmacro %}

{# Its `lower` or `upper` bound. #}
{% macro metric_bound(kind, side) -%}
    {%- set is_lower = side == 'lower' -%}
    {%- set ratio = ['part_sum', 'part_variance', 'weight_sum', 'weight_variance'] -%}
    {%- set share = ['part_sum / nullif(weight_sum, 0)', 'base_size'] -%}
    case {{ kind }}
        when 'count' then {{ (count_lower if is_lower else count_upper)('weight_sum', 'weight_variance') }}
        when 'ratio' then {{ (ratio_lower if is_lower else ratio_upper)(*ratio) }}
        when 'complement' then 1 - {{ (ratio_upper if is_lower else ratio_lower)(*ratio) }}
        else {{ (wilson_lower if is_lower else wilson_upper)(*share) }}
    end
{%- endmacro %}

{#
  A metric of `metrics` (int_company_metrics, grouped by company) as columns: value, interval,
  effective sample size, reliability. `weighting` is one of them, or `corrected`: then a weighting
  that could not be decided is not reliable either. Counts are 0 where there is nothing.
#}
{% macro metric_columns(metric, name, weighting='count_over_rate', prefix=none) -%}
    {%- set kept = (name if prefix is none else prefix) ~ '_' if prefix != '' else '' -%}
    {%- set chosen = 'metrics.is_corrected' if weighting == 'corrected' else "metrics.weighting = '" ~ weighting ~ "'" -%}
    {%- set rows = "metrics.metric = '" ~ metric ~ "' and " ~ chosen -%}
    {%- set reliable = 'metrics.is_reliable' ~ (' and metrics.is_weighting_decided' if weighting == 'corrected' else '') -%}
    {%- set value = 'max(case when ' ~ rows ~ ' then metrics.metric_value end)' -%}
    {{ 'coalesce(' ~ value ~ ', 0)' if metric.endswith('_count') else value }} as {{ name }},
    max(case when {{ rows }} then metrics.metric_lower end) as {{ name }}_lower,
    max(case when {{ rows }} then metrics.metric_upper end) as {{ name }}_upper,
    max(case when {{ rows }} then metrics.effective_sample_size end) as {{ kept }}effective_sample_size,
    coalesce({{ dbt.bool_or('case when ' ~ rows ~ ' then ' ~ reliable ~ ' end') }}, false) as {{ kept }}is_reliable
{%- endmacro %}

{# Rows behind a count, 0 where there is none. #}
{% macro metric_rows(metric, name) -%}
    cast(coalesce(max(case when metrics.metric = '{{ metric }}' and metrics.weighting = 'count_over_rate' then metrics.row_count end), 0) as bigint) as {{ name }}
{%- endmacro %}

{# Bound of a part of int_company_shares: of one event type a probability, else a mix of rates. #}
{% macro share_bound(scope, side) -%}
    {%- set variance = mixed_share_variance('share', 'weight_variance', 'whole_sum', 'whole_variance') -%}
    {%- set is_lower = side == 'lower' -%}
    case {{ scope }}
        when 'choices' then {{ (wilson_lower if is_lower else wilson_upper)('share', 'share_effective_sample_size') }}
        else {{ (share_lower if is_lower else share_upper)('share', variance) }}
    end
{%- endmacro %}

{# Count and share of a part, with intervals, from a row of int_company_shares. #}
{% macro share_columns(relation, prefix='') -%}
    {%- set is_corrected = prefix != '' -%}
    {%- for figure in ['event_count', 'event_share'] %}
    {{ relation }}.{{ figure }} as {{ prefix }}{{ figure }},
    {{ relation }}.{{ figure }}_lower as {{ prefix }}{{ figure }}_lower,
    {{ relation }}.{{ figure }}_upper as {{ prefix }}{{ figure }}_upper,
    {{ relation }}.{{ figure }}_effective_sample_size as {{ prefix }}{{ figure }}_effective_sample_size,
    {{ relation }}.{{ figure }}_is_reliable
    {%- if is_corrected %} and {{ relation }}.is_weighting_decided{% endif %} as {{ prefix }}{{ figure }}_is_reliable
    {%- if not loop.last %},{% endif %}
    {%- endfor -%}
{%- endmacro %}

{#
  metric_sensitivity's choices, one factor at a time from the assignment's headline, which is among
  them for each factor: headline, factor, choice, and the metric and weighting that give it.
#}
{% macro sensitivity_options() -%}
    {%- set assignment = 'count_over_rate' -%}
    {%- set options = [] -%}
    {%- for headline, metric in [('conversion', 'conversion_rate'), ('volume', 'event_count')] -%}
        {%- for weighting in weightings() + ['unweighted'] -%}
            {%- do options.append((headline, 'weighting', weighting, metric, weighting)) -%}
        {%- endfor -%}
        {%- do options.append((headline, 'missing rates', 'as 1', metric, assignment)) -%}
        {%- do options.append((headline, 'missing rates', 'imputed', metric, 'imputed')) -%}
    {%- endfor -%}
    {{ return(options + [
        ('conversion', 'definition', 'conversion by the assignment', 'conversion_rate', assignment),
        ('conversion', 'definition', 'consent rate', 'consent_rate_everywhere', assignment),
        ('conversion', 'definition', 'opt-in rate', 'opt_in_rate_everywhere', assignment),
        ('conversion', 'definition', 'no-choice rate', 'no_choice_rate_everywhere', assignment),
        ('conversion', 'choices', 'with external and webview', 'conversion_rate', assignment),
        ('conversion', 'choices', 'without external and webview', 'conversion_rate_on_notice', assignment),
    ]) }}
{%- endmacro %}
