with companies as (

    select * from {{ ref('dim_companies') }}

),

sampling as (

    select * from {{ ref('int_sampling_daily') }}

),

weightings as (

    select * from {{ ref('int_company_weighting') }}

),

deliveries as (

    select
        _source_file as file_path,
        company_id,
        cast(sum(event_row_count) as bigint) as event_row_count,
        cast(sum(sampled_row_count) as bigint) as sampled_row_count,
        cast(sum(matching_row_count) as bigint) as matching_row_count,
        cast(sum(missing_rate_row_count) as bigint) as missing_rate_row_count
    from sampling
    group by _source_file, company_id

),

judged as (

    select
        *,
        {{ dbt_utils.safe_divide('cast(matching_row_count as double precision)', 'sampled_row_count') }} as matching_row_share,
        {{ dbt_utils.safe_divide('cast(missing_rate_row_count as double precision)', 'event_row_count') }} as missing_rate_row_share,
        {{ sampling_verdict('sampled_row_count', 'matching_row_count') }} as verdict
    from deliveries

)

select
    judged.file_path,
    companies.company_id,
    {{ company_columns() }},
    judged.event_row_count,
    judged.sampled_row_count,
    judged.matching_row_count,
    judged.matching_row_share,
    judged.missing_rate_row_count,
    judged.missing_rate_row_share,
    judged.verdict,
    {{ sampling_sentence('judged.verdict', 'judged.sampled_row_count') }} as conclusion,
    weightings.verdict as company_verdict,
    weightings.weighting_used,
    weightings.is_weighting_decided
from judged
inner join companies
    on judged.company_id = companies.company_id
inner join weightings
    on judged.company_id = weightings.company_id
