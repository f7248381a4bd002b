with companies as (

    select * from {{ ref('dim_companies') }}

),

arms as (

    select * from {{ ref('int_experiment_arms') }}

),

-- a user is shown about one notice, so the arms' notices tell how users were dealt out
splits as (

    select
        company_id,
        count(*) as arm_count,
        cast(count(*) - 1 as double precision) as degrees_of_freedom,
        sum(notice_row_count) / cast(count(*) as double precision) as even_notice_row_count,
        cast(greatest(
            sum(power(notice_row_count, 2)) * count(*) / nullif(sum(notice_row_count), 0) - sum(notice_row_count), 0
        ) as double precision) as chi_square
    from arms
    group by company_id

),

-- With two arms chi-square is the square of a standard normal value; with more than three its cube
-- root is about normal (Wilson and Hilferty). With three arms its tail is an exponential.
normal_values as (

    select
        splits.*,
        case
            when arm_count = 2 then sqrt(chi_square)
            when arm_count > 3
                then (
                    power(chi_square / degrees_of_freedom, 1.0 / 3) - (1 - 2 / (9 * degrees_of_freedom))
                ) / sqrt(2 / (9 * degrees_of_freedom))
        end as z
    from splits

),

tails as (

    select
        *,
        {{ two_sided_p_value('z') }} as two_sided_p_value
    from normal_values

),

-- chance of a chi-square of at least this size if users are dealt out evenly; null with one arm
tested as (

    select
        tails.*,
        case
            when arm_count = 2 then two_sided_p_value
            when arm_count = 3 then exp(-least(chi_square / 2, 700))
            when arm_count > 3 and z > 0 then two_sided_p_value / 2
            when arm_count > 3 then 1 - two_sided_p_value / 2
        end as p_value
    from tails

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
    tested.arm_count,
    tested.even_notice_row_count,
    tested.chi_square as sample_ratio_chi_square,
    tested.p_value as sample_ratio_p_value,
    tested.p_value >= 0.001 as is_split_even
from compared
inner join companies
    on compared.company_id = companies.company_id
inner join tested
    on compared.company_id = tested.company_id
