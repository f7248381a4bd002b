{#- a rise of 2 points, or a fall where the rate cannot rise so far -#}
{% set planned_rate = "control.consent_rate + case when control.consent_rate < 0.98 then 0.02 else -0.02 end" -%}

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

with_z as (

    select
        *,
        {{ chi_square_z('chi_square', 'degrees_of_freedom') }} as z
    from splits

),

-- chance of a chi-square of at least this size if users are dealt out evenly; null with one arm
tested as (

    select
        *,
        {{ chi_square_p_value('chi_square', 'degrees_of_freedom', 'z') }} as p_value
    from with_z

),

compared as (

    select
        arms.*,
        control.consent_rate as control_rate,
        control.consent_rate_lower as control_lower,
        control.consent_rate_upper as control_upper,
        not arms.is_control and arms.is_reliable and control.is_reliable as is_comparable,
        least(arms.effective_sample_size, control.effective_sample_size) as smaller_size,
        case when control.is_reliable then cast({{ rows_per_arm('control.consent_rate', planned_rate) }} as bigint) end as planned_decision_count
    from arms
    inner join arms as control
        on arms.company_id = control.company_id
        and control.is_control

),

-- stopping as soon as the interval leaves 0 out would find differences that are none
judged as (

    select
        *,
        {{ if_reliable('is_comparable', difference_lower('consent_rate', 'consent_rate_lower', 'control_rate', 'control_upper')) }} as lower_difference,
        {{ if_reliable('is_comparable', difference_upper('consent_rate', 'consent_rate_upper', 'control_rate', 'control_lower')) }} as upper_difference,
        case when is_comparable then smaller_size >= planned_decision_count end as is_test_over
    from compared

)

select
    companies.company_id,
    {{ company_columns() }},
    judged.arm,
    judged.is_control,
    judged.notice_row_count,
    judged.decision_row_count,
    judged.opt_in_row_count,
    judged.weighting_used,
    judged.consent_rate,
    {{ if_reliable('judged.is_reliable', 'judged.consent_rate_lower') }} as consent_rate_lower,
    {{ if_reliable('judged.is_reliable', 'judged.consent_rate_upper') }} as consent_rate_upper,
    judged.effective_sample_size,
    judged.is_reliable,
    case when not judged.is_control then judged.consent_rate - judged.control_rate end as difference_from_control,
    judged.lower_difference as difference_from_control_lower,
    judged.upper_difference as difference_from_control_upper,
    judged.planned_decision_count,
    judged.is_test_over,
    case
        when judged.is_control then null
        when not judged.is_comparable then 'cannot be told: too few choices, or an undecided weighting'
        when not judged.is_test_over then 'not over: too few choices for a difference of 2 points'
        when judged.lower_difference > 0 then 'over: more consent than the control'
        when judged.upper_difference < 0 then 'over: less consent than the control'
        else 'over: no difference of 2 points or more was found'
    end as test_verdict,
    tested.arm_count,
    tested.even_notice_row_count,
    tested.chi_square as sample_ratio_chi_square,
    tested.p_value as sample_ratio_p_value,
    tested.p_value >= 0.001 as is_split_even
from judged
inner join companies
    on judged.company_id = companies.company_id
inner join tested
    on judged.company_id = tested.company_id
