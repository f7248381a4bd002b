with daily as (

    select
        *,
        {{ is_on_notice() }} as is_on_notice,
        {{ is_click() }} as is_clicked
    from {{ ref('int_consent_daily') }}

),

weightings as (

    select * from {{ ref('int_company_weighting') }}

),

added_up as (

    select
        company_id,
        event_type,
        consent_status,
        is_on_notice,
        is_clicked,
        cast(sum(event_row_count) as bigint) as event_row_count,
        cast(sum(identified_row_count) as bigint) as identified_row_count,
        {{ weight_sums_again() }}
    from daily
    group by company_id, event_type, consent_status, is_on_notice, is_clicked

)

select
    added_up.*,
    {{ is_opt_in() }} as is_opt_in,
    {{ is_decision() }} as is_decision,
    {{ corrected_sums('added_up') }},
    weightings.weighting_used,
    weightings.is_weighting_decided
from added_up
inner join weightings
    on added_up.company_id = weightings.company_id
