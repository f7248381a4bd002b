with companies as (

    select * from {{ ref('dim_companies') }}

),

combinations as (

    select
        company_id,
        consent_status,
        recomputed_status,
        explanation,
        sum(event_row_count) as event_row_count,
        {{ weight_sums_again() }}
    from {{ ref('int_quality_daily') }}
    where event_type = 'consent.given'
    group by company_id, consent_status, recomputed_status, explanation

),

with_choices as (

    select
        combinations.*,
        consent_status = recomputed_status as is_agreement,
        sum(event_row_count) over company as choice_row_count,
        sum(count_over_rate_sum) over company as choice_sum,
        sum(count_over_rate_square_sum) over company as choice_square_sum,
        sum(case when consent_status = recomputed_status then event_row_count else 0 end) over company as agreement_row_count
    from combinations
    window company as (partition by company_id)

),

shares as (

    select
        *,
        count_over_rate_sum / nullif(choice_sum, 0) as share,
        {{ effective_sample_size('choice_sum', 'choice_square_sum') }} as share_size,
        not {{ has_recycled_payloads('company_id', ref('evidence_checks')) }} and {{ has_enough_rows('event_row_count', variances=['count_over_rate_variance']) }} as count_is_reliable,
        not {{ has_recycled_payloads('company_id', ref('evidence_checks')) }} and {{ has_enough_rows('event_row_count', 'choice_row_count - event_row_count') }} as share_is_reliable
    from with_choices

)

select
    companies.company_id,
    {{ company_columns() }},
    shares.consent_status,
    shares.recomputed_status,
    shares.explanation,
    shares.is_agreement,
    cast(shares.event_row_count as bigint) as event_row_count,
    shares.count_over_rate_sum as event_count,
    {{ if_reliable('shares.count_is_reliable', count_lower('shares.count_over_rate_sum', 'shares.count_over_rate_variance')) }} as event_count_lower,
    {{ if_reliable('shares.count_is_reliable', count_upper('shares.count_over_rate_sum', 'shares.count_over_rate_variance')) }} as event_count_upper,
    {{ effective_sample_size('shares.count_over_rate_sum', 'shares.count_over_rate_square_sum') }} as event_count_effective_sample_size,
    shares.count_is_reliable as event_count_is_reliable,
    shares.share as event_share,
    {{ if_reliable('shares.share_is_reliable', wilson_lower('shares.share', 'shares.share_size')) }} as event_share_lower,
    {{ if_reliable('shares.share_is_reliable', wilson_upper('shares.share', 'shares.share_size')) }} as event_share_upper,
    shares.share_size as event_share_effective_sample_size,
    shares.share_is_reliable as event_share_is_reliable,
    cast(shares.agreement_row_count as double precision) / shares.choice_row_count as company_agreement_share
from shares
inner join companies
    on shares.company_id = companies.company_id
