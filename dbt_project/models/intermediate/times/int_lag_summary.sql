{{
    config(
        materialized='incremental',
        incremental_strategy='replace_groups',
        on_schema_change='fail',
        unique_key=['company_id'],
        groups_of='int_pair_days',
        groups='groups_by_company',
        indexes=[{'columns': ['company_id', 'method', 'scope'], 'unique': true}],
    )
}}

with companies_to_add as (

    {{ groups_to_build(groups_by_company(ref('int_pair_days')), ['company_id']) }}

),

lags_by_status as (

    select
        company_id,
        method,
        consent_status as scope,
        lag_seconds,
        {% for name in ['forward', 'backward', 'timely'] -%}
        cast(sum({{ name }}_count) as integer) as {{ name }}_count
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_lag_daily') }}
    where {{ is_among('company_id', 'company_id', 'companies_to_add') }}
    group by company_id, method, consent_status, lag_seconds

),

lags as (

    select * from lags_by_status
    union all
    select
        company_id,
        method,
        'all' as scope,
        lag_seconds,
        {% for name in ['forward', 'backward', 'timely'] -%}
        cast(sum({{ name }}_count) as integer) as {{ name }}_count
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from lags_by_status
    group by company_id, method, lag_seconds

),

choices as (

    {{ choices_by_lag('lags', ['company_id', 'method', 'scope']) }}

),

with_totals as (

    select
        choices.*,
        {% for name in ['forward', 'backward', 'choices'] -%}
        cast(max({{ name }}_by_lag) over (partition by company_id, method, scope) as double precision) as {{ name }}_total
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from choices

),

summed_up as (

    select
        company_id,
        method,
        scope,

        -- pairs as they were found
        cast(max(forward_total) as bigint) as pair_count,
        sum(lag_seconds * forward_count) / nullif(max(forward_total), 0) as mean_seconds,
        {{ percentile_of_lags(0.5, 'forward') }} as median_seconds,
        {{ percentile_of_lags(0.9, 'forward') }} as p90_seconds,

        -- the placebo
        cast(max(backward_total) as bigint) as placebo_pair_count,
        sum(lag_seconds * backward_count) / nullif(max(backward_total), 0) as placebo_mean_seconds,
        {{ percentile_of_lags(0.5, 'backward') }} as placebo_median_seconds,
        {{ percentile_of_lags(0.9, 'backward') }} as placebo_p90_seconds,

        -- choices, chance matches taken off: the lag by which half of them came, and nine tenths
        sum(lag_seconds * choices_count) / nullif(max(choices_total), 0) as corrected_mean_seconds,
        min(case when choices_by_lag >= 0.5 * nullif(choices_total, 0) then lag_seconds end) as corrected_median_seconds,
        min(case when choices_by_lag >= 0.9 * nullif(choices_total, 0) then lag_seconds end) as corrected_p90_seconds,

        -- what makes a method credible
        coalesce(sum(case when lag_seconds <= {{ short_lag_seconds() }} then forward_count end), 0) as short_pair_count,
        coalesce(sum(case when lag_seconds <= {{ short_lag_seconds() }} then backward_count end), 0) as short_placebo_count,
        cast(sum(timely_count) as double precision) / nullif(max(forward_total), 0) as timely_share
    from with_totals
    group by company_id, method, scope

),

-- both counts are numbers of chance events (Poisson), which vary as much as they are large
with_excess as (

    select
        summed_up.*,
        short_pair_count - short_placebo_count as excess_pair_count,
        short_pair_count - short_placebo_count
        - {{ interval_z() }} * sqrt(short_pair_count + short_placebo_count) as excess_pair_count_lower
    from summed_up

),

versioned as (

    select
        with_excess.*,
        companies_to_add.group_version
    from with_excess
    inner join companies_to_add
        on with_excess.company_id = companies_to_add.company_id

)

select
    company_id,
    group_version,
    method,
    scope,
    pair_count,
    mean_seconds,
    median_seconds,
    p90_seconds,
    -- a token has no mirror image, so it has no placebo and nothing to be corrected by
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
from versioned
