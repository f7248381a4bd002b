-- The days are read twice rather than named once: Postgres carries a reader's choice of companies into
-- a query, not into one that is read twice.
with counted as (

    {% for scope in ["'all'", 'consent_status'] -%}
    select
        company_id,
        method,
        {{ scope }} as scope,
        lag_seconds,
        {% for name in ['forward', 'backward', 'timely'] -%}
        cast(sum({{ name }}_count) as integer) as {{ name }}_count
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_lag_daily') }}
    group by company_id, method, lag_seconds{{ ', consent_status' if scope == 'consent_status' }}
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

cumulated as (

    select
        counted.*,
        sum(forward_count) over by_lag as forward_by_lag,
        sum(backward_count) over by_lag as backward_by_lag,
        cast(sum(forward_count) over all_lags as double precision) as forward_total,
        cast(sum(backward_count) over all_lags as double precision) as backward_total
    from counted
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
