with daily as (

    select
        *,
        case when state = 'shown' then 'consent.asked' else 'consent.given' end as event_type
    from {{ ref('int_payload_daily') }}

)

select
    company_id,
    event_type,
    region,
    item_type,
    item_id,
    cast(sum(event_row_count) as bigint) as event_row_count,
    {{ weight_sums_again() }},
    max(event_date) as last_event_date
from daily
where item_type = 'event'
    or (item_type = 'purpose' and legal_basis = 'legitimate interest')
group by company_id, event_type, region, item_type, item_id
