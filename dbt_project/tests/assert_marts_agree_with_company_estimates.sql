-- The marts of conversion and volume write their formulas out; int_company_metrics has the same ones
-- as a long list, for rankings, benchmarks and sensitivity. A row here is a figure on which they differ.
{% set figures = [
    ('company_consent_conversion', 'consent_conversion_rate', 'conversion_rate', 'assignment'),
    ('company_consent_conversion', 'corrected_consent_conversion_rate', 'conversion_rate', 'corrected'),
    ('company_consent_conversion', 'conversion_rate_on_notice', 'conversion_rate_on_notice', 'corrected'),
    ('company_consent_conversion', 'consent_rate', 'consent_rate', 'corrected'),
    ('company_consent_conversion', 'opt_in_rate', 'opt_in_rate', 'corrected'),
    ('company_consent_conversion', 'no_choice_rate', 'no_choice_rate', 'corrected'),
    ('company_performance', 'event_count', 'event_count', 'assignment'),
    ('company_performance', 'corrected_event_count', 'event_count', 'corrected'),
    ('company_performance', 'consent_given_count', 'consent_given_count', 'assignment'),
] %}

with estimates as (

    select * from {{ ref('int_company_estimates') }}

),

compared as (

    {% for mart, name, metric, formula in figures -%}
    select
        '{{ name }}' as figure,
        estimates.company_id,
        estimates.metric_value,
        estimates.metric_lower,
        estimates.metric_upper,
        estimates.effective_sample_size,
        estimates.is_reliable,
        mart.{{ name }} as mart_value,
        mart.{{ name }}_lower as mart_lower,
        mart.{{ name }}_upper as mart_upper,
        mart.{{ name }}_effective_sample_size as mart_effective_sample_size,
        mart.{{ name }}_is_reliable as mart_is_reliable
    from estimates
    left join {{ ref(mart) }} as mart
        on estimates.company_id = mart.company_id
    where estimates.metric = '{{ metric }}' and estimates.formula = '{{ formula }}'
    {%- if not loop.last %}
    union all
    {% endif -%}
    {% endfor %}

)

select * from compared
where is_reliable is distinct from mart_is_reliable
    {% for column in ['value', 'lower', 'upper'] -%}
    or {{ has_moved('metric_' ~ column, 'mart_' ~ column) }}
    {% endfor -%}
    or {{ has_moved('effective_sample_size', 'mart_effective_sample_size') }}
