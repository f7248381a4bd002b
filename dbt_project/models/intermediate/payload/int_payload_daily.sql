{% set keys = ['company_id', 'event_date', '_dlt_load_id'] %}
{% set group = keys + ['group_version'] %}
{% set item = ['item_type', 'legal_basis', 'state', 'is_on_notice', 'region'] %}
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_groups',
        on_schema_change='fail',
        unique_key=keys,
        groups_of='int_consent_daily',
        groups='groups_with_payloads',
        indexes=[{'columns': keys + item + ['item_id'], 'unique': true}],
        pre_hook="{{ read_by_index() }}",
    )
}}

with groups_to_add as (

    {{ groups_to_build(groups_with_payloads(ref('int_consent_daily')), keys) }}

),

tcf_countries as (

    select country_code from {{ ref('countries') }}
    where is_eea_uk_ch

),

other_countries as (

    select country_code from {{ ref('countries') }}
    where not is_eea_uk_ch

),

notices_and_choices as (

    select
        events.*,
        groups_to_add.group_version,
        events.event_type = 'consent.asked' or {{ is_on_notice('events.action') }} as is_on_notice,
        {{ tcf_region('events.country_code', 'tcf_countries', 'other_countries') }} as region
    from {{ ref('fct_events') }} as events
    inner join groups_to_add
        on {{ same_group('events', 'groups_to_add', keys) }}
    where events.event_type in ('consent.asked', 'consent.given')
        -- these follow from the join; without them Postgres would read all events
        {% for key in keys -%}
        and {{ is_among('events.' ~ key, key, 'groups_to_add') }}
        {% endfor %}

),

-- Events repeat each other's lists, so few payloads are left to be read: one for all that are equal.
-- It is one of the group, so that the group is computed again where a load replaces it meanwhile.
different_payloads as (

    {% set kinds = group + ['event_type', 'is_on_notice', 'region', 'payload_lists_id'] -%}
    select
        {{ kinds | join(', ') }},
        min(event_id) as read_event_id,
        count(*) as event_row_count,
        {{ weight_sums() }}
    from notices_and_choices
    group by {{ kinds | join(', ') }}

),

-- a look-up for each: Postgres expects one row here, and for many it would repeat what it reads
payloads as (

    select
        different_payloads.*,
        events.payload
    from different_payloads
    cross join lateral (
        select staged.payload
        from {{ ref('stg_consent__events') }} as staged
        where staged.event_id = different_payloads.read_event_id
            and staged._dlt_load_id = different_payloads._dlt_load_id
        {{ computed_once() }}
    ) as events
    where different_payloads.payload_lists_id is not null
    {{ computed_once() }}

),

parts_of_payloads as (

    select
        payloads.*,
        {% for list, _, _ in payload_lists() -%}
        {{ json_part('payload', [list]) }} as {{ list }},
        {{ json_part('payload', [list, 'enabled']) }} as {{ list }}_enabled_part,
        {{ json_part('payload', [list, 'disabled']) }} as {{ list }}_disabled_part
        {%- if not loop.last %},
        {% endif %}
        {%- endfor %}
    from payloads
    {{ computed_once() }}

),

-- What a choice both enables and disables counts as disabled: consent has to be unambiguous. So a
-- choice counts once for each item, and shares of choices stay within 1.
lists_of_payloads as (

    select
        parts_of_payloads.*,
        {% for list, _, _ in payload_lists() -%}
        {{ json_list(list) }} as {{ list }}_shown,
        {{ json_list(list ~ '_disabled_part') }} as {{ list }}_disabled,
        case
            when {{ json_list(list ~ '_enabled_part') }} is not null
                then {{ json_list_without(list ~ '_enabled_part', list ~ '_disabled_part') }}
        end as {{ list }}_enabled
        {%- if not loop.last %},
        {% endif %}
        {%- endfor %}
    from parts_of_payloads

),

lists as (

    {{ listed_in('lists_of_payloads') }}

),

different_lists as (

    select
        {{ (group + item) | join(', ') }}, list,
        sum(event_row_count) as event_row_count,
        {{ weight_sums_again() }}
    from lists
    group by {{ (group + item) | join(', ') }}, list

),

events_and_items as (

    select
        {{ group | join(', ') }},
        'event' as item_type,
        '' as legal_basis,
        case when event_type = 'consent.asked' then 'shown' else 'given' end as state,
        is_on_notice,
        region,
        '' as item_id,
        event_row_count,
        {{- weight_sum_names('different_payloads') }}
    from different_payloads
    union all
    select
        {{ (group + item) | join(', ') }},
        {{ bounded_text('items.item_id') }} as item_id,
        different_lists.event_row_count,
        {{- weight_sum_names('different_lists') }}
    from different_lists
    {{ join_json_items('different_lists.list') }}
    where items.item_id <> ''

)

select
    {{ (group + item) | join(', ') }}, item_id,
    cast(sum(event_row_count) as bigint) as event_row_count,
    {{ weight_sums_again() }}
from events_and_items
group by {{ (group + item) | join(', ') }}, item_id
