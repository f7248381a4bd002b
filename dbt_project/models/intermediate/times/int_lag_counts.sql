with pairs as (

    select * from {{ ref('int_consent_pairs') }}

),

-- lags repeat, so that few are left to be put in order
counted as (

    select
        company_id,
        method,
        consent_status as scope,
        lag_seconds,
        {% for name, rows in [
            ('forward', "direction = 'forward'"),
            ('backward', "direction = 'backward'"),
            ('timely', 'clock_gap_seconds <= ' ~ short_lag_seconds()),
        ] -%}
        cast(count(case when {{ rows }} then 1 end) as integer) as {{ name }}_count
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from pairs
    group by company_id, method, consent_status, lag_seconds

),

scoped as (

    select * from counted
    union all
    select
        company_id,
        method,
        'all' as scope,
        lag_seconds,
        cast(sum(forward_count) as integer) as forward_count,
        cast(sum(backward_count) as integer) as backward_count,
        cast(sum(timely_count) as integer) as timely_count
    from counted
    group by company_id, method, lag_seconds

),

cumulated as (

    select
        scoped.*,
        sum(forward_count) over by_lag as forward_by_lag,
        sum(backward_count) over by_lag as backward_by_lag,
        cast(sum(forward_count) over all_lags as double precision) as forward_total,
        cast(sum(backward_count) over all_lags as double precision) as backward_total
    from scoped
    window
        by_lag as (partition by company_id, method, scope order by lag_seconds),
        all_lags as (partition by company_id, method, scope)

),

-- Where the difference falls again, chance matches of a notice were lost to its true one, not
-- choices: the number of choices that came by a lag never falls.
corrected as (

    select
        cumulated.*,
        greatest(max(forward_by_lag - backward_by_lag) over by_lag, 0) as choices_by_lag,
        cast(greatest(max(forward_by_lag - backward_by_lag) over all_lags, 0) as double precision) as choices_total
    from cumulated
    window
        by_lag as (partition by company_id, method, scope order by lag_seconds),
        all_lags as (partition by company_id, method, scope)

),

stepped as (

    select
        corrected.*,
        choices_by_lag - coalesce(lag(choices_by_lag) over (
            partition by company_id, method, scope
            order by lag_seconds
        ), 0) as choices_count
    from corrected

)

select * from stepped
