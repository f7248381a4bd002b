{#- The figures of a row, and the rows of int_company_totals that each adds up. -#}
{% set counts = [
    ('event', 'true'),
    ('pageview', "event_type = 'pageview'"),
    ('consent_asked', "event_type = 'consent.asked'"),
    ('consent_given', "event_type = 'consent.given'"),
    ('ui_action', "event_type = 'ui.action'"),
    ('full_opt_in', "event_type = 'consent.given' and consent_status = 'full opt-in'"),
    ('partial_opt_in', "event_type = 'consent.given' and consent_status = 'partial opt-in'"),
    ('opt_out', "event_type = 'consent.given' and consent_status = 'opt-out'"),
    ('empty', "event_type = 'consent.given' and consent_status = 'empty'"),
] -%}
{% set corrected_counts = [
    ('corrected_asked', "event_type = 'consent.asked'"),
    ('corrected_given', "event_type = 'consent.given'"),
    ('decided', "event_type = 'consent.given' and is_on_notice and is_decision"),
    ('opted_in', "event_type = 'consent.given' and is_on_notice and is_opt_in"),
] -%}

with companies as (

    select * from {{ ref('dim_companies') }}
    where has_events and company_id <> 'all'

),

-- each event once for its company, and once for all of them together
totals as (

    select * from {{ ref('int_company_totals') }}
    where company_id <> 'all'

),

totals_with_all as (

    select
        company_id as overview_id,
        totals.*
    from totals
    union all
    select
        'all' as overview_id,
        totals.*
    from totals

),

-- of each figure its rows, its events Σw, Σw², and the variance of Σw
counted as (

    select
        overview_id,
        min(case when is_weighting_decided then 1 else 0 end) = 1 as is_weighting_decided,
        {% for weighting, figures in [('count_over_rate', counts), ('corrected', corrected_counts)] -%}
        {% for name, rows in figures -%}
        cast(coalesce(sum(event_row_count) filter (where {{ rows }}), 0) as bigint) as {{ name }}_row_count,
        coalesce(sum({{ weighting }}_sum) filter (where {{ rows }}), 0) as {{ name }}_count,
        coalesce(sum({{ weighting }}_square_sum) filter (where {{ rows }}), 0) as {{ name }}_square_sum,
        sum({{ weighting }}_variance) filter (where {{ rows }}) as {{ name }}_variance
        {%- if not loop.last %},{% endif %}
        {% endfor -%}
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from totals_with_all
    group by overview_id

),

reached as (

    select
        company_id as overview_id,
        count(distinct country_code) as country_count
    from {{ ref('int_consent_daily') }}
    group by company_id
    union all
    select
        'all' as overview_id,
        count(distinct country_code) as country_count
    from {{ ref('int_consent_daily') }}

),

observed as (

    select
        company_id as overview_id,
        count(*) as observed_hours
    from {{ ref('company_hours') }}
    group by company_id
    union all
    select
        'all' as overview_id,
        count(distinct hour_at) as observed_hours
    from {{ ref('company_hours') }}

),

verdicts as (

    select
        company_id as overview_id,
        case
            when not has_rates then 'no row has a RATE'
            when sampled_row_count = 0 then 'nothing was sampled'
            else verdict
        end as weighting_verdict
    from {{ ref('int_company_weighting') }}

),

verdicts_with_all as (

    select * from verdicts
    union all
    select
        'all' as overview_id,
        case
            when count(distinct weighting_verdict) = 1 then min(weighting_verdict)
            else 'differs from company to company'
        end as weighting_verdict
    from verdicts

),

-- the credible method that time to consent prefers; without one, the first that found any pair
ranked_times as (

    select
        *,
        coalesce(corrected_mean_seconds, mean_seconds) as best_mean_seconds,
        coalesce(corrected_median_seconds, median_seconds) as best_median_seconds,
        row_number() over (
            partition by company_id
            order by
                case when is_headline then 0 when doubt is null then 1 else 2 end,
                case method when 'user' then 1 when 'token' then 2 else 3 end
        ) as place
    from {{ ref('company_time_to_consent') }}
    where pair_count > 0

),

times as (

    select
        company_id as overview_id,
        method as time_method,
        is_credible as is_time_credible,
        best_mean_seconds as mean_seconds_to_consent,
        best_median_seconds as median_seconds_to_consent
    from ranked_times
    where place = 1

),

-- For all companies together: the choices behind the credible times, chance matches taken off as for
-- each company.
credible_lags as (

    select
        lags.company_id,
        lags.lag_seconds,
        cast(sum(lags.forward_count) as integer) as forward_count,
        cast(sum(lags.backward_count) as integer) as backward_count
    from {{ ref('int_lag_daily') }} as lags
    inner join times
        on lags.company_id = times.overview_id
        and lags.method = times.time_method
    where times.is_time_credible
    group by lags.company_id, lags.lag_seconds

),

credible_choices as (

    {{ choices_by_lag('credible_lags', ['company_id']) }}

),

choices_of_all as (

    select
        lag_seconds,
        sum(choices_count) as choices_count
    from credible_choices
    group by lag_seconds

),

cumulated as (

    select
        *,
        sum(choices_count) over (order by lag_seconds) as choices_so_far,
        sum(choices_count) over () as choices_total
    from choices_of_all

),

time_of_all as (

    select
        sum(lag_seconds * choices_count) / nullif(sum(choices_count), 0) as mean_seconds_to_consent,
        min(case when choices_so_far >= 0.5 * choices_total then lag_seconds end) as median_seconds_to_consent
    from cumulated

),

methods_of_all as (

    select
        case when count(distinct time_method) > 1 then 'several' else min(time_method) end as time_method,
        count(*) > 0 as is_time_credible
    from times
    where is_time_credible

),

times_with_all as (

    select * from times
    union all
    select
        'all' as overview_id,
        methods_of_all.time_method,
        methods_of_all.is_time_credible,
        time_of_all.mean_seconds_to_consent,
        time_of_all.median_seconds_to_consent
    from methods_of_all
    cross join time_of_all

),

joined as (

    select
        counted.*,
        coalesce(companies.company_name, 'all companies') as company_name,
        coalesce(companies.industry, 'all') as industry,
        coalesce(companies.industry_detailed, 'all') as industry_detailed,
        coalesce(companies.hq_country, 'all') as hq_country,
        times_with_all.mean_seconds_to_consent,
        times_with_all.median_seconds_to_consent,
        times_with_all.time_method,
        coalesce(times_with_all.is_time_credible, false) as is_time_credible,
        reached.country_count,
        verdicts_with_all.weighting_verdict,
        observed.observed_hours
    from counted
    left join companies
        on counted.overview_id = companies.company_id
    left join reached
        on counted.overview_id = reached.overview_id
    left join observed
        on counted.overview_id = observed.overview_id
    left join verdicts_with_all
        on counted.overview_id = verdicts_with_all.overview_id
    left join times_with_all
        on counted.overview_id = times_with_all.overview_id

)

select
    overview_id as company_id,
    company_name,
    industry,
    industry_detailed,
    hq_country,

    -- volume, by the assignment's formula: each row counts COUNT / RATE times
    event_count,
    event_row_count,
    pageview_count,
    consent_asked_count,
    consent_given_count,
    ui_action_count,

    -- conversion: choices per notice shown; null, not 0, where nothing was asked
    consent_given_count / nullif(consent_asked_count, 0) as consent_conversion_rate,
    {{ ratio_interval('consent_conversion_rate', 'consent_given', 'consent_asked') }},
    corrected_given_count / nullif(corrected_asked_count, 0) as corrected_consent_conversion_rate,
    {{ ratio_interval('corrected_consent_conversion_rate', 'corrected_given', 'corrected_asked', 'is_weighting_decided') }},

    -- what was chosen, among all choices
    {% for status in ['full_opt_in', 'partial_opt_in', 'opt_out', 'empty'] -%}
    {{ status }}_count / nullif(consent_given_count, 0) as {{ status }}_share,
    {{ probability_interval(status ~ '_share', status, 'consent_given') }},
    {% endfor -%}

    -- opt-ins among opt-ins and opt-outs on the notice, corrected weighting
    opted_in_count / nullif(decided_count, 0) as consent_rate,
    {{ probability_interval('consent_rate', 'opted_in', 'decided', 'is_weighting_decided') }},

    -- from asked to given
    mean_seconds_to_consent,
    median_seconds_to_consent,
    time_method,
    is_time_credible,

    country_count,
    weighting_verdict,
    observed_hours
from joined
