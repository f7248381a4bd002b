with totals as (

    select * from {{ ref('int_company_totals') }}

),

weightings as (

    select * from {{ ref('int_company_weighting') }}

),

unpivoted as (

    {% for weighting in weightings() %}
    select
        company_id,
        event_type,
        consent_status,
        is_on_notice,
        event_row_count as row_count,
        '{{ weighting }}' as weighting,
        {{ weighting }}_sum as weight_sum,
        {{ weighting }}_square_sum as weight_square_sum,
        {{ weighting }}_variance as weight_variance
    from totals
    union all
    {% endfor -%}
    select
        company_id,
        event_type,
        consent_status,
        is_on_notice,
        event_row_count as row_count,
        'unweighted' as weighting,
        cast(event_row_count as double precision) as weight_sum,
        cast(event_row_count as double precision) as weight_square_sum,
        -- rows as such estimate nothing about the log
        cast(null as double precision) as weight_variance
    from totals

)

select
    unpivoted.*,
    unpivoted.weighting = weightings.weighting_used as is_corrected,
    weightings.is_weighting_decided
from unpivoted
inner join weightings
    on unpivoted.company_id = weightings.company_id
