with companies as (

    select * from {{ ref('dim_companies') }}
    where has_events

),

metrics as (

    select * from {{ ref('int_company_metrics') }}
    where is_corrected

),

rates as (

    select
        *,
        -- what one row of equal weight stands for
        base_sum / effective_sample_size as count_per_row
    from metrics
    where metric = 'consent_rate'

),

notices as (

    select
        company_id,
        metric_value as notice_count
    from metrics
    where metric = 'consent_asked_count'

),

hours as (

    select
        company_id,
        max(observed_hour_count) as observed_hour_count,
        max(case when is_capped then 1 else 0 end) = 1 as has_capped_hours
    from {{ ref('company_hours') }}
    group by company_id

),

lifts as (

    {% for points in [1, 2, 5] -%}
    select {{ points }} as lift_points, cast({{ points }} as double precision) / 100 as lift
    {%- if not loop.last %} union all {% endif %}
    {% endfor %}

),

judged as (

    select
        companies.company_id,
        {{ company_columns() }},
        lifts.lift_points,
        rates.metric_value as consent_rate,
        rates.weighting as weighting_used,
        rates.effective_sample_size,
        hours.observed_hour_count,
        hours.has_capped_hours,
        rates.metric_value + lifts.lift as lifted_rate,
        rates.count_per_row,
        rates.base_sum / hours.observed_hour_count as choice_count_per_hour,
        notices.notice_count / rates.base_sum as notices_per_choice,
        case
            when rates.company_id is null then 'nobody accepted or refused on the notice'
            when not rates.is_weighting_decided then 'the weighting is undecided, so nobody knows the volume'
            when not rates.is_reliable then 'fewer than five opt-ins or opt-outs: the rate is not known'
            when rates.metric_value + lifts.lift >= 1 then 'the rate cannot rise so far'
        end as obstacle
    from companies
    cross join lifts
    left join rates
        on companies.company_id = rates.company_id
    left join notices
        on companies.company_id = notices.company_id
    left join hours
        on companies.company_id = hours.company_id

),

planned as (

    select
        *,
        case when obstacle is null then cast({{ rows_per_arm('consent_rate', 'lifted_rate') }} as bigint) end as choice_row_count_per_arm
    from judged

)

select
    company_id,
    industry_detailed,
    industry,
    hq_country,
    lift_points,
    weighting_used,
    consent_rate,
    effective_sample_size,
    choice_row_count_per_arm,
    2 * choice_row_count_per_arm * count_per_row as choice_count,
    2 * choice_row_count_per_arm * count_per_row * notices_per_choice as notice_count,
    choice_count_per_hour,
    2 * choice_row_count_per_arm * count_per_row / choice_count_per_hour as hours,
    observed_hour_count,
    has_capped_hours,
    obstacle
from planned
