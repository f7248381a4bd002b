with excess as (

    select * from {{ ref('int_pair_excess') }}

),

-- how many of the choices came exactly at this lag
steps as (

    select
        excess.*,
        case direction when 'forward' then lag_seconds end as forward_lag,
        case direction when 'backward' then lag_seconds end as backward_lag,
        choices_by_lag - coalesce(lag(choices_by_lag) over (
            partition by company_id, method, scope
            order by lag_seconds
        ), 0) as choices_at_lag
    from excess

),

summed_up as (

    select
        company_id,
        method,
        scope,
        count(forward_lag) as pair_count,
        count(backward_lag) as placebo_pair_count,
        {{ lag_summary('forward_lag') }},
        {{ lag_summary('backward_lag', 'placebo_') }},
        sum(choices_at_lag * lag_seconds) / nullif(max(choices), 0) as corrected_mean_seconds,
        {% for name, share in [('median', 0.5), ('p90', 0.9)] -%}
        min(case when choices > 0 and choices_by_lag >= {{ share }} * choices then lag_seconds end) as corrected_{{ name }}_seconds,
        {% endfor -%}
        count(case when forward_lag <= {{ short_lag_seconds() }} then 1 end) as short_pair_count,
        count(case when backward_lag <= {{ short_lag_seconds() }} then 1 end) as short_placebo_count,
        count(case when clock_gap_seconds <= {{ short_lag_seconds() }} then 1 end) as timely_pair_count
    from steps
    group by company_id, method, scope

),

judged as (

    select
        summed_up.*,
        short_pair_count - short_placebo_count as excess_pair_count,
        {{ excess_lower('short_pair_count', 'short_placebo_count') }} as excess_pair_count_lower,
        cast(timely_pair_count as double precision) / nullif(pair_count, 0) as timely_share
    from summed_up

)

-- a token has no mirror, so nothing to be corrected by
select
    company_id,
    method,
    scope,
    pair_count,
    mean_seconds,
    median_seconds,
    p90_seconds,
    {% for column in [
        'placebo_pair_count', 'placebo_mean_seconds', 'placebo_median_seconds', 'placebo_p90_seconds',
        'corrected_mean_seconds', 'corrected_median_seconds', 'corrected_p90_seconds',
        'excess_pair_count', 'excess_pair_count_lower',
    ] -%}
    case when method <> 'token' then {{ column }} end as {{ column }},
    {% endfor -%}
    case when method = 'token' then timely_share end as timely_share,
    pair_count >= 10 and case method
        when 'token' then timely_share >= 0.8
        else excess_pair_count_lower > 0
    end as is_credible
from judged
