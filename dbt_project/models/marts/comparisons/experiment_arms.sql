with companies as (

    select * from {{ ref('dim_companies') }}

),

arms as (

    select * from {{ ref('int_experiment_arms') }}

),

-- a user is shown about one notice, so their numbers tell how users were dealt out
splits as (

    select
        company_id,
        count(*) as arm_count,
        sum(notice_row_count) / cast(count(*) as double precision) as even_notice_row_count,
        cast(greatest(
            sum(power(notice_row_count, 2)) * count(*) / nullif(sum(notice_row_count), 0) - sum(notice_row_count), 0
        ) as double precision) as chi_square
    from arms
    group by company_id

),

compared as (

    select
        arms.*,
        control.consent_rate as control_rate,
        control.consent_rate_lower as control_lower,
        control.consent_rate_upper as control_upper,
        not arms.is_control and arms.is_reliable and control.is_reliable as is_comparable
    from arms
    inner join arms as control
        on arms.company_id = control.company_id
        and control.is_control

)

select
    companies.company_id,
    {{ company_columns() }},
    compared.arm,
    compared.is_control,
    compared.notice_row_count,
    compared.decision_row_count,
    compared.opt_in_row_count,
    compared.weighting_used,
    compared.consent_rate,
    {{ if_reliable('compared.is_reliable', 'compared.consent_rate_lower') }} as consent_rate_lower,
    {{ if_reliable('compared.is_reliable', 'compared.consent_rate_upper') }} as consent_rate_upper,
    compared.effective_sample_size,
    compared.is_reliable,
    case when not compared.is_control then compared.consent_rate - compared.control_rate end as difference_from_control,
    {{ if_reliable('compared.is_comparable', difference_lower('compared.consent_rate', 'compared.consent_rate_lower', 'compared.control_rate', 'compared.control_upper')) }} as difference_from_control_lower,
    {{ if_reliable('compared.is_comparable', difference_upper('compared.consent_rate', 'compared.consent_rate_upper', 'compared.control_rate', 'compared.control_lower')) }} as difference_from_control_upper,
    splits.arm_count,
    splits.even_notice_row_count,
    splits.chi_square as sample_ratio_chi_square,
    cast({{ chi_square_p_value('splits.chi_square', 'splits.arm_count') }} as double precision) as sample_ratio_p_value,
    {{ chi_square_p_value('splits.chi_square', 'splits.arm_count') }} >= 0.001 as is_split_even
from compared
inner join companies
    on compared.company_id = companies.company_id
inner join splits
    on compared.company_id = splits.company_id
