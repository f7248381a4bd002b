with companies as (

    select * from {{ ref('dim_companies') }}

),

-- 1, 3, 4, 5, 6
purposes as (

    select * from {{ ref('iab_purposes') }}
    where tcf_kind = 'purpose' and needs_consent_only

),

daily as (

    select * from {{ ref('int_payload_daily') }}

),

-- all notices and choices, and how many of them list a purpose under legitimate interest
by_region as (

    select
        company_id,
        case when state = 'shown' then 'consent.asked' else 'consent.given' end as event_type,
        region,
        item_type,
        item_id,
        cast(sum(event_row_count) as bigint) as event_row_count,
        sum(count_over_rate_sum) as count_over_rate_sum,
        sum(count_over_rate_square_sum) as count_over_rate_square_sum,
        sum(count_over_rate_variance) as count_over_rate_variance,
        max(event_date) as last_event_date
    from daily
    where item_type = 'event'
        or (item_type = 'purpose' and legal_basis = 'legitimate interest')
    group by
        company_id, case when state = 'shown' then 'consent.asked' else 'consent.given' end,
        region, item_type, item_id

),

listed as (

    select * from by_region
    where item_type = 'purpose'

),

events as (

    select * from by_region
    where item_type = 'event'

),

found as (

    select
        listed.*,
        events.event_row_count as checked_row_count,
        listed.count_over_rate_sum / nullif(events.count_over_rate_sum, 0) as share,
        {{ effective_sample_size('events.count_over_rate_sum', 'events.count_over_rate_square_sum') }} as share_size,
        not {{ has_recycled_payloads('listed.company_id', ref('evidence_checks')) }} and {{ has_enough_rows('listed.event_row_count', variances=['listed.count_over_rate_variance']) }} as count_is_reliable,
        not {{ has_recycled_payloads('listed.company_id', ref('evidence_checks')) }} and {{ has_enough_rows('listed.event_row_count', 'events.event_row_count - listed.event_row_count') }} as share_is_reliable
    from listed
    inner join events
        on listed.company_id = events.company_id
        and listed.event_type = events.event_type
        and listed.region = events.region

)

select
    companies.company_id,
    {{ company_columns() }},
    found.event_type,
    found.region,
    purposes.purpose_name as purpose_id,
    purposes.tcf_id,
    purposes.label as purpose_label,
    found.checked_row_count,
    found.event_row_count as listed_row_count,
    found.count_over_rate_sum as listed_count,
    {{ if_reliable('found.count_is_reliable', count_lower('found.count_over_rate_sum', 'found.count_over_rate_variance')) }} as listed_count_lower,
    {{ if_reliable('found.count_is_reliable', count_upper('found.count_over_rate_sum', 'found.count_over_rate_variance')) }} as listed_count_upper,
    {{ effective_sample_size('found.count_over_rate_sum', 'found.count_over_rate_square_sum') }} as listed_count_effective_sample_size,
    found.count_is_reliable as listed_count_is_reliable,
    found.share as listed_share,
    {{ if_reliable('found.share_is_reliable', wilson_lower('found.share', 'found.share_size')) }} as listed_share_lower,
    {{ if_reliable('found.share_is_reliable', wilson_upper('found.share', 'found.share_size')) }} as listed_share_upper,
    found.share_size as listed_share_effective_sample_size,
    found.share_is_reliable as listed_share_is_reliable,
    found.last_event_date,
    {{ compliance_finding('found.region') }} as finding
from found
inner join purposes
    on found.item_id = purposes.purpose_name
inner join companies
    on found.company_id = companies.company_id
