{#
  Each asked or given event beside the next one of its group. A null group column is no group;
  ties go by event_id, which favours neither direction.
#}
{% macro next_choices(method, group_column, choices='choices') -%}
    select
        '{{ method }}' as method,
        company_id,
        event_date,
        event_id,
        event_type,
        event_at,
        consent_status,
        lead(event_id) over following as next_event_id,
        lead(event_type) over following as next_event_type,
        lead(event_at) over following as next_event_at,
        lead(consent_status) over following as next_consent_status
    from {{ choices }}
    where {{ group_column }} is not null
    window following as (
        partition by company_id, {{ group_column }}
        order by event_at, event_id
    )
{%- endmacro %}
