{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ delete_stale_groups(ref('int_pair_companies'), ['company_id']) }}",
    )
}}

with companies_to_add as (

    {{ missing_groups(ref('int_pair_companies'), ['company_id']) }}

),

lags as (

    select * from {{ ref('int_lag_counts') }}
    where {{ is_among('company_id', 'company_id', 'companies_to_add') }}

),

summed_up as (

    select
        company_id,
        method,
        scope,
        cast(max(forward_total) as bigint) as pair_count,
        {{ lag_figures('forward') }},
        cast(max(backward_total) as bigint) as placebo_pair_count,
        {{ lag_figures('backward', 'placebo_') }},
        sum(lag_seconds * choices_count) / nullif(max(choices_total), 0) as corrected_mean_seconds,
        {% for name, share in [('median', 0.5), ('p90', 0.9)] -%}
        min(case when choices_by_lag >= {{ share }} * nullif(choices_total, 0) then lag_seconds end) as corrected_{{ name }}_seconds,
        {% endfor -%}
        coalesce(sum(case when lag_seconds <= {{ short_lag_seconds() }} then forward_count end), 0) as short_pair_count,
        coalesce(sum(case when lag_seconds <= {{ short_lag_seconds() }} then backward_count end), 0) as short_placebo_count,
        sum(timely_count) as timely_count
    from lags
    group by company_id, method, scope

),

judged as (

    select
        summed_up.*,
        short_pair_count - short_placebo_count as excess_pair_count,
        {{ excess_lower('short_pair_count', 'short_placebo_count') }} as excess_pair_count_lower,
        cast(timely_count as double precision) / nullif(pair_count, 0) as timely_share
    from summed_up

),

versioned as (

    select
        judged.*,
        companies_to_add.group_version
    from judged
    inner join companies_to_add
        on judged.company_id = companies_to_add.company_id

)

-- a token has no mirror, so nothing to be corrected by
select
    company_id,
    group_version,
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
from versioned
