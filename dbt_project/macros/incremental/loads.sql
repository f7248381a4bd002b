{#
  Which loads an incremental model still has to take in. This is decided in SQL, inside the
  model's transaction: a load that lands meanwhile cannot make two steps disagree.
#}

{# Complete loads of which the target holds no row yet. Not `> max(load id)`: clocks differ. #}
{% macro new_loads(loads) -%}
    select loads._dlt_load_id
    from {{ loads }} as loads
    {%- if is_incremental() %}
    where not {{ is_in_target('loads._dlt_load_id', '_dlt_load_id') }}
    {%- endif %}
{%- endmacro %}

{# Whether `column` is among the load ids of `loads`. #}
{% macro is_of_loads(column, loads) -%}
    {{ is_among(column, '_dlt_load_id', loads) }}
{%- endmacro %}

{#
  Pre-hook: empties the target when no load has rows both in it and in the raw events, which
  means that the dataset was rebuilt (`--full-refresh`, or dropped by hand): all its loads are new.
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
  The loads that the last build with news was the first to see (int_reported_loads), for tests that
  read rows. `none` means all loads: for `dbt test`, `--full-refresh`, and before the first build.
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
