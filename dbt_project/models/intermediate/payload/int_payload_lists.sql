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
        {{ json_text('payload', ['action']) }} as action,
        {{ tcf_region('country_code', 'tcf_countries', 'other_countries') }} as region
    from {{ ref('stg_consent__events') }}
    where event_type in ('consent.asked', 'consent.given')

),

-- the first kind is the event itself: what the others are parts of
list_kinds as (

    select 0 as list_number, 'consent.asked' as event_type, 'event' as item_type, '' as legal_basis, 'shown' as state
    union all
    select 0, 'consent.given', 'event', '', 'given'
    {% for _, item_type, legal_basis in payload_lists() %}
    union all
    select {{ loop.index }}, 'consent.asked', '{{ item_type }}', '{{ legal_basis }}', 'shown'
    union all
    select {{ loop.index + 10 }}, 'consent.given', '{{ item_type }}', '{{ legal_basis }}', 'enabled'
    union all
    select {{ loop.index + 20 }}, 'consent.given', '{{ item_type }}', '{{ legal_basis }}', 'disabled'
    {%- endfor %}

)

select
    events.event_id,
    events.company_id,
    events.event_date,
    events._dlt_load_id,
    events.reported_count,
    events.sampling_rate,
    list_kinds.item_type,
    list_kinds.legal_basis,
    list_kinds.state,
    events.event_type = 'consent.asked' or {{ is_on_notice('events.action') }} as is_on_notice,
    -- nobody asks for vendors by region, and there are hundreds of them
    case when list_kinds.item_type = 'vendor' then 'all' else events.region end as region,
    case list_kinds.list_number
        {% for list, _, _ in payload_lists() -%}
        when {{ loop.index }} then {{ json_list('events.payload', [list]) }}
        when {{ loop.index + 10 }} then {{ json_list('events.payload', [list, 'enabled']) }}
        when {{ loop.index + 20 }} then {{ json_list('events.payload', [list, 'disabled']) }}
        {% endfor %}
    end as list
from events
inner join list_kinds
    on events.event_type = list_kinds.event_type
