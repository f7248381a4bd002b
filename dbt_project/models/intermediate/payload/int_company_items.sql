{% set figures = [
    ('shown', "state = 'shown'"),
    ('enabled', "state = 'enabled' and is_on_notice"),
    ('disabled', "state = 'disabled' and is_on_notice"),
    ('enabled_everywhere', "state = 'enabled'"),
    ('disabled_everywhere', "state = 'disabled'"),
] -%}

with daily as (

    select * from {{ ref('int_payload_daily') }}
    where item_type <> 'event'

),

weightings as (

    select * from {{ ref('int_company_weighting') }}

),

over_days as (

    select
        company_id,
        item_type,
        legal_basis,
        item_id,
        state,
        is_on_notice,
        sum(event_row_count) as event_row_count,
        {{ weight_sums_again() }}
    from daily
    group by company_id, item_type, legal_basis, item_id, state, is_on_notice

),

counted as (

    {% for figure, rows in figures %}
    select
        company_id,
        item_type,
        legal_basis,
        item_id,
        '{{ figure }}' as figure,
        cast(sum(event_row_count) as bigint) as event_row_count,
        {{ weight_sums_again() }}
    from over_days
    where {{ rows }}
    group by company_id, item_type, legal_basis, item_id
    {%- if not loop.last %} union all {% endif %}
    {% endfor %}

)

select
    counted.company_id,
    counted.item_type,
    counted.legal_basis,
    counted.item_id,
    counted.figure,
    counted.event_row_count,
    {% for part in ['sum', 'square_sum', 'variance'] -%}
    counted.count_over_rate_{{ part }} as assignment_{{ part }},
    {{ corrected('counted', part) }} as corrected_{{ part }},
    {% endfor -%}
    weightings.weighting_used,
    weightings.is_weighting_decided
from counted
inner join weightings
    on counted.company_id = weightings.company_id
