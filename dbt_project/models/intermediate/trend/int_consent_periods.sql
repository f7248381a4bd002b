{#- name, part and base: consent_rate is a share of its base, the others compare two types of event -#}
{% set metrics = [
    ('consent_rate', 'is_opt_in', 'is_decision'),
    ('opt_in_rate', 'is_opt_in', 'is_notice'),
    ('conversion_rate_on_notice', 'is_choice', 'is_notice'),
] -%}
{% set groupings = ['region', 'device_type', 'notice'] -%}

with activity as (

    select
        *,
        event_type = 'consent.asked' as is_notice,
        event_type = 'consent.given' and {{ is_on_notice() }} as is_choice
    from {{ ref('int_activity_hourly') }}
    where event_type in ('consent.asked', 'consent.given')

),

weightings as (

    select * from {{ ref('int_company_weighting') }}

),

-- a company with one day is followed by hour
spans as (

    select
        company_id,
        case when min(event_date) = max(event_date) then 'hour' else 'day' end as period
    from activity
    group by company_id

),

-- small deployments come and go, and what they change is chance: they are one group
deployments as (

    select
        company_id,
        deployment_id,
        sum(event_row_count) >= 0.05 * sum(sum(event_row_count)) over (partition by company_id) as is_large
    from activity
    group by company_id, deployment_id

),

weighted as (

    select
        activity.company_id,
        spans.period,
        case spans.period
            when 'hour' then activity.hour_at
            else {{ utc_day('activity.hour_at') }}
        end as period_start,
        activity.region,
        coalesce(activity.device_type, 'unknown') as device_type,
        case when deployments.is_large then activity.deployment_id else 'other' end as notice,
        activity.is_notice,
        activity.is_choice,
        activity.is_choice and {{ is_decision('activity.consent_status') }} as is_decision,
        activity.is_choice and {{ is_opt_in('activity.consent_status') }} as is_opt_in,
        activity.event_row_count,
        {{ corrected_sums('activity') }}
    from activity
    inner join weightings
        on activity.company_id = weightings.company_id
    inner join spans
        on activity.company_id = spans.company_id
    inner join deployments
        on activity.company_id = deployments.company_id
        and (
            activity.deployment_id = deployments.deployment_id
            or (activity.deployment_id is null and deployments.deployment_id is null)
        )

),

-- files, loads and, for days, hours together: fewer rows for what follows
by_kind as (

    {% set kinds = ['company_id', 'period', 'period_start'] + groupings + ['is_notice', 'is_choice', 'is_decision', 'is_opt_in'] -%}
    select
        {{ kinds | join(', ') }},
        sum(event_row_count) as event_row_count,
        sum(corrected_sum) as corrected_sum,
        sum(corrected_square_sum) as corrected_square_sum
    from weighted
    group by {{ kinds | join(', ') }}

),

measured as (

    {% for metric, part, base in metrics -%}
    select
        company_id,
        period,
        period_start,
        {{ groupings | join(', ') }},
        '{{ metric }}' as metric,
        {% for side, rows in [('part', part), ('base', base)] -%}
        sum(case when {{ rows }} then event_row_count else 0 end) as {{ side }}_row_count,
        sum(case when {{ rows }} then corrected_sum else 0 end) as {{ side }}_sum,
        sum(case when {{ rows }} then corrected_square_sum else 0 end) as {{ side }}_square_sum
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from by_kind
    where {{ part }} or {{ base }}
    group by company_id, period, period_start, {{ groupings | join(', ') }}
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

-- a period without a base has no rate
periods as (

    select
        company_id,
        period,
        period_start,
        metric,
        cast(sum(part_row_count) as bigint) as part_row_count,
        cast(sum(base_row_count) as bigint) as base_row_count,
        sum(part_sum) as part_sum,
        sum(part_square_sum) as part_square_sum,
        sum(base_sum) as base_sum,
        sum(base_square_sum) as base_square_sum,
        lag(period_start) over periods_of_metric as previous_period_start,
        lead(period_start) over periods_of_metric as next_period_start
    from measured
    group by company_id, period, period_start, metric
    having sum(base_row_count) > 0
    window periods_of_metric as (partition by company_id, metric order by period_start)

),

grouped as (

    {% for grouping in groupings -%}
    select
        company_id,
        metric,
        period_start,
        '{{ grouping }}' as grouping_name,
        {{ grouping }} as group_name,
        sum(base_sum) as base_sum,
        sum(part_sum) / nullif(sum(base_sum), 0) as group_rate
    from measured
    group by company_id, metric, period_start, {{ grouping }}
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

-- each group of a period, as it is and as it was in the period before
sides as (

    {% for period_start, share_now, rate_now, share_before, rate_before in [
        ('period_start', 'grouped.base_sum / periods.base_sum', 'grouped.group_rate', '0', 'null'),
        ('next_period_start', '0', 'null', 'grouped.base_sum / periods.base_sum', 'grouped.group_rate'),
    ] -%}
    select
        grouped.company_id,
        grouped.metric,
        periods.{{ period_start }} as compared_at,
        grouped.grouping_name,
        grouped.group_name,
        cast({{ share_now }} as double precision) as share_now,
        cast({{ rate_now }} as double precision) as rate_now,
        cast({{ share_before }} as double precision) as share_before,
        cast({{ rate_before }} as double precision) as rate_before
    from grouped
    inner join periods
        on grouped.company_id = periods.company_id
        and grouped.metric = periods.metric
        and grouped.period_start = periods.period_start
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

paired as (

    select
        company_id,
        metric,
        compared_at,
        grouping_name,
        sum(share_now) - sum(share_before) as share_change,
        max(rate_now) as rate_now,
        max(rate_before) as rate_before
    from sides
    group by company_id, metric, compared_at, grouping_name, group_name

),

-- Kitagawa's share of a change that is mix. A group that is in one of the periods only has the same
-- rate in both, so that it changes the mix.
mixes as (

    select
        company_id,
        metric,
        compared_at,
        {% for grouping in groupings -%}
        sum(case
            when grouping_name = '{{ grouping }}'
                then share_change * (coalesce(rate_now, rate_before, 0) + coalesce(rate_before, rate_now, 0)) / 2
        end) as {{ grouping }}_mix
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from paired
    group by company_id, metric, compared_at

)

select
    periods.*,
    {% for grouping in groupings -%}
    case when periods.previous_period_start is not null then mixes.{{ grouping }}_mix end as {{ grouping }}_mix
    {%- if not loop.last %},{% endif %}
    {% endfor %}
from periods
left join mixes
    on periods.company_id = mixes.company_id
    and periods.metric = mixes.metric
    and periods.period_start = mixes.compared_at
