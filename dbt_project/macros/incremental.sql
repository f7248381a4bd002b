{#
  What an incremental model has to do, decided in SQL inside the model's own transaction, so
  that a load that lands meanwhile cannot make two steps disagree.
#}

{# Complete loads of which the target holds no row yet. Not `> max(load id)`: clocks differ. #}
{% macro new_loads(loads) -%}
    select loads._dlt_load_id
    from {{ loads }} as loads
    {%- if is_incremental() %}
    where not {{ is_in_target('loads._dlt_load_id', '_dlt_load_id') }}
    {%- endif %}
{%- endmacro %}

{# Whether the target has a row with `value` in `column`. #}
{% macro is_in_target(value, column) -%}
    {{ return(adapter.dispatch('is_in_target')(value, column)) }}
{%- endmacro %}

{% macro default__is_in_target(value, column) -%}
    exists (select 1 from {{ this }} as target where target.{{ column }} = {{ value }})
{%- endmacro %}

{% macro postgres__is_in_target(value, column) -%}
    {#- `offset 0` keeps it a look-up: as a join, it would read the whole index -#}
    exists (select 1 from {{ this }} as target where target.{{ column }} = {{ value }} offset 0)
{%- endmacro %}

{#
  Pre-hook of a model that reads events by their load. Postgres takes any load for an average one:
  with few of them it would read all events for the small newest. Rows of a load lie together, so
  an index is never much worse.
#}
{% macro read_by_index() -%}
    {{ return(adapter.dispatch('read_by_index')()) }}
{%- endmacro %}

{% macro default__read_by_index() -%}
{%- endmacro %}

{% macro postgres__read_by_index() -%}
    {%- if is_incremental() -%}
    set local enable_seqscan = off
    {%- endif -%}
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
            where {{ is_in_target('loads._dlt_load_id', '_dlt_load_id') }}
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
  The loads that the last build with news was the first to see (int_reported_loads), for checks that
  read rows; none, that is all, for `dbt test`, `--full-refresh` and before the first build.
#}
{% macro latest_loads(reported_loads) -%}
    {%- if not execute or flags.WHICH == 'test' or flags.FULL_REFRESH or load_relation(reported_loads) is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set latest -%}
        select distinct _dlt_load_id from {{ reported_loads }}
        where seen_at = (select max(seen_at) from {{ reported_loads }})
    {%- endset -%}
    {{ return(run_query(latest).columns[0].values() | list) }}
{%- endmacro %}

{#
  Post-hook: statistics, without which the first builds are planned blindly. `vacuum` also lets
  checks of keys read the index alone. A table that a load changed little keeps what it has.
#}
{% macro refresh_statistics(vacuum=false) -%}
    {{ return(adapter.dispatch('refresh_statistics')(vacuum)) }}
{%- endmacro %}

{% macro default__refresh_statistics(vacuum) -%}
{%- endmacro %}

{% macro postgres__refresh_statistics(vacuum) -%}
    {%- if model.config.materialized == 'table' or (model.config.materialized == 'incremental' and _has_changed_much()) -%}
    {{ 'vacuum (analyze)' if vacuum else 'analyze' }} {{ this }}
    {%- endif -%}
{%- endmacro %}

{# Whether more than a tenth of the rows are new: below that, the server's autovacuum sees to it. #}
{% macro _has_changed_much() -%}
    {%- set known_row_count = run_query("select reltuples from pg_class where oid = cast('" ~ this ~ "' as regclass)").columns[0][0] -%}
    {{ return(known_row_count <= 0 or load_result('main').response.rows_affected > known_row_count / 10) }}
{%- endmacro %}
