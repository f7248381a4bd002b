-- int_consent_pairs holds as many pairs as fct_events makes, and int_lag_summary counts those. A row
-- here is a company and method where they differ. Only `dbt test` looks: it puts all events in order.
{% if flags.WHICH != 'test' -%}
select * from {{ ref('int_lag_summary') }}
where false -- {{ ref('int_consent_pairs') }}, {{ ref('fct_events') }}
{%- else -%}
with notices_and_choices as (

    select * from {{ ref('fct_events') }}
    where event_type in ('consent.asked', 'consent.given')

),

found as (

    {% for method, group_column in [('user', 'user_id'), ('cohort', 'cohort_id')] -%}
    select
        '{{ method }}' as method,
        company_id,
        event_type = 'consent.asked' as is_forward,
        event_type <> lead(event_type) over following as is_pair,
        {{ seconds_between('event_at', 'lead(event_at) over following') }} as lag_seconds
    from notices_and_choices
    where {{ group_column }} is not null
    window following as (partition by company_id, {{ group_column }} order by event_at, event_id)
    union all
    {% endfor -%}
    select
        'token' as method,
        company_id,
        true as is_forward,
        -- a token may hold the same moment twice, two events may not
        true as is_pair,
        {{ seconds_between('token_created_at', 'token_updated_at') }} as lag_seconds
    from notices_and_choices
    where event_type = 'consent.given'

),

expected as (

    select
        company_id,
        method,
        count(case when is_forward then 1 end) as forward_count,
        count(case when not is_forward then 1 end) as backward_count
    from found
    where is_pair and lag_seconds <= {{ consent_window() }} and (lag_seconds > 0 or (method = 'token' and lag_seconds = 0))
    group by company_id, method

),

stored as (

    select
        company_id,
        method,
        count(case when direction = 'forward' then 1 end) as forward_count,
        count(case when direction = 'backward' then 1 end) as backward_count
    from {{ ref('int_consent_pairs') }}
    group by company_id, method

),

summarized as (

    select
        company_id,
        method,
        pair_count as forward_count,
        coalesce(placebo_pair_count, 0) as backward_count
    from {{ ref('int_lag_summary') }}
    where scope = 'all'

)

select
    coalesce(expected.company_id, stored.company_id, summarized.company_id) as company_id,
    coalesce(expected.method, stored.method, summarized.method) as method,
    {% for relation in ['expected', 'stored', 'summarized'] -%}
    {{ relation }}.forward_count as {{ relation }}_forward_count,
    {{ relation }}.backward_count as {{ relation }}_backward_count
    {%- if not loop.last %},{% endif %}
    {% endfor %}
from expected
full join stored
    on expected.company_id = stored.company_id and expected.method = stored.method
full join summarized
    on stored.company_id = summarized.company_id and stored.method = summarized.method
where coalesce(expected.forward_count, 0) <> coalesce(stored.forward_count, 0)
    or coalesce(expected.backward_count, 0) <> coalesce(stored.backward_count, 0)
    or coalesce(stored.forward_count, 0) <> coalesce(summarized.forward_count, 0)
    or coalesce(stored.backward_count, 0) <> coalesce(summarized.backward_count, 0)
{%- endif %}
