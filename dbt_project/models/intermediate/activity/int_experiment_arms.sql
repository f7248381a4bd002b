{% set decided = "event_type = 'consent.given' and is_on_notice and is_decision" %}
{% set opted_in = "event_type = 'consent.given' and is_on_notice and is_opt_in" -%}

with activity as (

    select * from {{ ref('int_activity_hourly') }}
    where experiment is not null

),

weightings as (

    select * from {{ ref('int_company_weighting') }}

),

weighted as (

    select
        activity.*,
        {{ is_on_notice('activity.action') }} as is_on_notice,
        {{ is_opt_in('activity.consent_status') }} as is_opt_in,
        {{ is_decision('activity.consent_status') }} as is_decision,
        weightings.weighting_used,
        weightings.is_weighting_decided,
        {{ corrected_sums('activity') }}
    from activity
    inner join weightings
        on activity.company_id = weightings.company_id

),

arms as (

    select
        company_id,
        experiment as arm,
        weighting_used,
        is_weighting_decided,
        {% for name, rows in [
            ('notice', "event_type = 'consent.asked'"), ('decision', decided), ('opt_in', opted_in),
        ] -%}
        cast(coalesce(sum(case when {{ rows }} then event_row_count end), 0) as bigint) as {{ name }}_row_count,
        {% endfor -%}
        sum(case when {{ opted_in }} then corrected_sum else 0 end)
        / nullif(sum(case when {{ decided }} then corrected_sum end), 0) as consent_rate,
        {{ effective_sample_size(
            'sum(case when ' ~ decided ~ ' then corrected_sum end)',
            'sum(case when ' ~ decided ~ ' then corrected_square_sum end)'
        ) }} as effective_sample_size
    from weighted
    group by company_id, experiment, weighting_used, is_weighting_decided

)

select
    arms.*,
    {{ has_enough_rows('opt_in_row_count', 'decision_row_count - opt_in_row_count') }} and is_weighting_decided as is_reliable,
    {{ wilson_lower('consent_rate', 'effective_sample_size') }} as consent_rate_lower,
    {{ wilson_upper('consent_rate', 'effective_sample_size') }} as consent_rate_upper,
    -- the arm of that name, else the first by name
    row_number() over (
        partition by company_id
        order by case when lower(arm) = 'control' then 0 else 1 end, arm
    ) = 1 as is_control
from arms
