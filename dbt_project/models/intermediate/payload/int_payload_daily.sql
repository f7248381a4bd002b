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
        {{ json_text('events.payload', ['action']) }} as action
    from {{ ref('stg_consent__events') }} as events
    inner join groups_to_add
        on {{ same_group('events', 'groups_to_add', keys) }}
    where events.event_type in ('consent.asked', 'consent.given')
        -- these follow from the join; without them Postgres would parse the payloads of all events
        {% for key in keys -%}
        and {{ is_among('events.' ~ key, key, 'groups_to_add') }}
        {% endfor %}

),

payloads_to_add as (

    select
        {{ group | join(', ') }},
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
    from notices_and_choices

),

-- Events repeat each other's lists. Equal ones are added up first, which leaves few to take apart.
different_payloads as (

    {% set kinds = group + ['event_type', 'is_on_notice', 'region', 'purposes', 'purposes_li', 'vendors', 'vendors_li'] -%}
    select
        {{ kinds | join(', ') }},
        count(*) as event_row_count,
        {{ weight_sums() }}
    from payloads_to_add
    group by {{ kinds | join(', ') }}

),

lists as (

    {{ listed_in('different_payloads') }}

),

different_lists as (

    select
        {{ (group + item) | join(', ') }}, list,
        sum(event_row_count) as event_row_count,
        {{ weight_sums_again() }}
    from lists
    where item_type = 'event' or list is not null
    group by {{ (group + item) | join(', ') }}, list

),

taken_apart as (

    select
        different_lists.*,
        coalesce({{ bounded_text('items.item_id') }}, '') as item_id
    from different_lists
    {{ join_json_items('different_lists.list') }}
    where different_lists.item_type = 'event' or items.item_id <> ''

)

select
    {{ (group + item) | join(', ') }}, item_id,
    cast(sum(event_row_count) as bigint) as event_row_count,
    {{ weight_sums_again() }}
from taken_apart
group by {{ (group + item) | join(', ') }}, item_id
