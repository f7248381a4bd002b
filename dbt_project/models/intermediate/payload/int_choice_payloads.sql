with tcf_countries as (

    select country_code from {{ ref('countries') }}
    where is_eea_uk_ch

),

other_countries as (

    select country_code from {{ ref('countries') }}
    where not is_eea_uk_ch

),

events as (

    select
        *,
        {{ json_text('payload', ['action']) }} as action
    from {{ ref('stg_consent__events') }}
    where event_type in ('consent.asked', 'consent.given')

)

select
    event_id,
    company_id,
    event_date,
    _dlt_load_id,
    event_type,
    event_type = 'consent.asked' or {{ is_on_notice() }} as is_on_notice,
    {{ tcf_region('country_code', 'tcf_countries', 'other_countries') }} as region,
    reported_count,
    sampling_rate,
    {% for list, _, _ in payload_lists() -%}
    {{ json_part('payload', [list]) }} as {{ list }}
    {%- if not loop.last %},
    {% endif %}
    {%- endfor %}
from events
