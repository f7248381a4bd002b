{# Layout 2 of headline_history: a report written before has today's names of its metrics. #}
{% macro rename_reported_metrics() -%}
    {%- set new_names = {
        'diagnosed_conversion_rate': 'corrected_consent_conversion_rate',
        'diagnosed_event_count': 'corrected_event_count',
    } -%}
    update {{ this }}
    set metric = case metric
        {%- for old, new in new_names.items() %}
        when '{{ old }}' then '{{ new }}'
        {%- endfor %}
        else metric
    end
{%- endmacro %}
