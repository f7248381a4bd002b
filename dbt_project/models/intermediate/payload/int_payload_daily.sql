{% set keys = ['company_id', 'event_date', '_dlt_load_id'] %}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        indexes=[{'columns': keys}],
        pre_hook="{{ delete_stale_groups(ref('int_choice_day_loads'), ['company_id', 'event_date', '_dlt_load_id']) }}",
    )
}}

with groups_to_add as (

    {{ missing_groups(ref('int_choice_day_loads'), keys) }}

),

lists_to_add as (

    select
        lists.*,
        groups_to_add.group_version
    from {{ ref('int_payload_lists') }} as lists
    inner join groups_to_add
        on {{ same_group('lists', 'groups_to_add', keys) }}
    -- follows from the join; payloads of no other events are then parsed
    where {% for key in keys -%}
        {{ is_among('lists.' ~ key, key, 'groups_to_add') }}
        {%- if not loop.last %}
        and {% endif %}
        {%- endfor %}

),

-- events repeat each other's lists: adding up equal ones first leaves few to take apart
different_lists as (

    select
        company_id, event_date, _dlt_load_id, group_version,
        item_type, legal_basis, state, is_on_notice, region, list,
        count(*) as event_row_count,
        {{ weight_sums() }}
    from lists_to_add
    where item_type = 'event' or list is not null
    group by
        company_id, event_date, _dlt_load_id, group_version,
        item_type, legal_basis, state, is_on_notice, region, list

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
    company_id, event_date, _dlt_load_id, group_version,
    item_type, legal_basis, state, is_on_notice, region, item_id,
    cast(sum(event_row_count) as bigint) as event_row_count,
    {{ weight_sums_again() }}
from taken_apart
group by
    company_id, event_date, _dlt_load_id, group_version,
    item_type, legal_basis, state, is_on_notice, region, item_id
