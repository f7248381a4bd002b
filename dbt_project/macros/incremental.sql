{#
  What an incremental model has to do, decided in SQL inside the model's own transaction, so
  that a load that lands meanwhile cannot make two steps disagree.
#}

{# Complete loads of which the target holds no row yet. Not `> max(load id)`: clocks differ. #}
{% macro new_loads() -%}
    select loads._dlt_load_id
    from {{ ref('stg_consent__loads') }} as loads
    {%- if is_incremental() %}
    where not exists (
        select 1 from {{ this }} as target
        where target._dlt_load_id = loads._dlt_load_id
    )
    {%- endif %}
{%- endmacro %}

{#
  Pre-hook: empties the target when no load has rows both in it and in the raw events, that is
  when the dataset was made anew (`--full-refresh`, dropped by hand); all its loads are then new.
#}
{% macro forget_other_dataset() -%}
    {%- if is_incremental() %}
    delete from {{ this }}
    where not exists (
        select 1 from {{ ref('stg_consent__loads') }} as loads
        where exists (select 1 from {{ this }} as target where target._dlt_load_id = loads._dlt_load_id)
            and exists (
                select 1 from {{ ref('stg_consent__events') }} as events
                where events._dlt_load_id = loads._dlt_load_id
            )
    )
    {%- endif %}
{%- endmacro %}

{#
  Aggregates are kept by groups. `groups` is a model with one row a group: the columns of
  `keys` and `group_version`, which differs whenever the group's events do. The target keeps
  `group_version` on each row. First (pre-hook) what no longer agrees goes, then
  (`missing_groups`) what is not there is computed: an event that left its group is noticed
  by the group that it left.
#}
{% macro delete_stale_groups(groups, keys) -%}
    {%- if is_incremental() %}
    delete from {{ this }} as target
    where not exists (
        select 1 from {{ groups }} as current_groups
        where {{ same_group('current_groups', 'target', keys + ['group_version']) }}
    )
    {%- endif %}
{%- endmacro %}

{% macro missing_groups(groups, keys) -%}
    select current_groups.*
    from {{ groups }} as current_groups
    {%- if is_incremental() %}
    where not exists (
        select 1 from {{ this }} as target
        where {{ same_group('current_groups', 'target', keys) }}
    )
    {%- endif %}
{%- endmacro %}

{% macro same_group(left, right, keys) -%}
    {% for key in keys -%}
    {{ left }}.{{ key }} = {{ right }}.{{ key }}{% if not loop.last %} and {% endif %}
    {%- endfor %}
{%- endmacro %}
