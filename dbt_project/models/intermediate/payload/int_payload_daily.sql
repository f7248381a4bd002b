{% set keys = ['company_id', 'event_date', '_dlt_load_id'] %}
{% set group = keys + ['group_version'] %}
{% set item = ['item_type', 'legal_basis', 'state', 'is_on_notice', 'region'] %}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        indexes=[{'columns': keys}],
        pre_hook=[
            "{{ delete_stale_groups(ref('int_choice_day_loads'), ['company_id', 'event_date', '_dlt_load_id']) }}",
            "{{ read_by_index() }}",
        ],
    )
}}

with groups_to_add as (

    {{ missing_groups(ref('int_choice_day_loads'), keys) }}

),

payloads_to_add as (

    select
        payloads.*,
        groups_to_add.group_version
    from {{ ref('int_choice_payloads') }} as payloads
    inner join groups_to_add
        on {{ same_group('payloads', 'groups_to_add', keys) }}
    -- follows from the join; payloads of no other events are then parsed
    where {% for key in keys -%}
        {{ is_among('payloads.' ~ key, key, 'groups_to_add') }}
        {%- if not loop.last %}
        and {% endif %}
        {%- endfor %}

),

-- events repeat each other's lists: adding up equal ones first leaves few to take apart
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
        coalesce(items.item_id, '') as item_id
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
