{#
  What an incremental model has to do, decided in SQL inside the model's own transaction, so
  that a load that lands meanwhile cannot make two steps disagree.
#}

{# Complete loads of which the target holds no row yet. Not `> max(load id)`: clocks differ. #}
{% macro new_loads(loads) -%}
    select loads._dlt_load_id
    from {{ loads }} as loads
    {%- if is_incremental() %}
    where not exists (
        select 1 from {{ this }} as target
        where target._dlt_load_id = loads._dlt_load_id
    )
    {%- endif %}
{%- endmacro %}

{#
  Whether `value` is in `column` of `relation`. Postgres pushes this form, unlike a plain `in`,
  down into the staging view: only such rows are read and parsed.
#}
{% macro is_among(value, column, relation) -%}
    {{ return(adapter.dispatch('is_among')(value, column, relation)) }}
{%- endmacro %}

{% macro default__is_among(value, column, relation) -%}
    {{ value }} in (select {{ column }} from {{ relation }})
{%- endmacro %}

{% macro postgres__is_among(value, column, relation) -%}
    {{ value }} = any (array(select {{ column }} from {{ relation }}))
{%- endmacro %}

{# Whether `column` is among the load ids of `loads`. #}
{% macro is_of_loads(column, loads) -%}
    {{ is_among(column, '_dlt_load_id', loads) }}
{%- endmacro %}

{#
  Pre-hook: empties the target when no load has rows both in it and in the raw events, that is
  when the dataset was made anew (`--full-refresh`, dropped by hand); all its loads are then new.
#}
{% macro forget_other_dataset(loads, events) -%}
    {%- if is_incremental() %}
    {%- set loads_in_target -%}
        (
            select loads._dlt_load_id from {{ loads }} as loads
            where exists (select 1 from {{ this }} as target where target._dlt_load_id = loads._dlt_load_id)
        ) as loads_in_target
    {%- endset %}
    delete from {{ this }}
    where not exists (
        select 1 from {{ events }}
        where {{ is_of_loads('_dlt_load_id', loads_in_target) }}
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

{#
  Post-hook: statistics, without which the first builds are planned blindly. `vacuum` also lets
  checks of keys read the index alone.
#}
{% macro refresh_statistics(vacuum=false) -%}
    {{ return(adapter.dispatch('refresh_statistics')(vacuum)) }}
{%- endmacro %}

{% macro default__refresh_statistics(vacuum) -%}
{%- endmacro %}

{% macro postgres__refresh_statistics(vacuum) -%}
    {%- if model.config.materialized != 'view' -%}
    {{ 'vacuum (analyze)' if vacuum else 'analyze' }} {{ this }}
    {%- endif -%}
{%- endmacro %}
