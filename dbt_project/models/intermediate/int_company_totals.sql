with daily as (

    select
        *,
        {{ is_on_notice() }} as is_on_notice
    from {{ ref('int_consent_daily') }}

),

added_up as (

    select
        company_id,
        event_type,
        consent_status,
        is_on_notice,
        cast(sum(event_row_count) as bigint) as event_row_count,
        cast(sum(identified_row_count) as bigint) as identified_row_count,
        {{ weight_sums_again() }}
    from daily
    group by company_id, event_type, consent_status, is_on_notice

)

select
    added_up.*,
    {{ is_opt_in() }} as is_opt_in,
    {{ is_decision() }} as is_decision
from added_up
