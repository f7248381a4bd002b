{#
  Which loads fct_events still has to take in, and which it has. This is decided in SQL, in one
  snapshot of the database: a load that lands meanwhile cannot make two steps disagree.

  int_built_loads lists the loads that fct_events has taken in. It is written with them, in one
  transaction. So the change log, restricted to these loads, says what fct_events holds.
#}

{#
  Complete loads that fct_events has not taken in. Not `> max(load id)`: clocks differ.

  None at all while a load that is not complete has replaced events of such loads: the raw events
  then hold neither the old version nor one to be trusted. The next load completes it or does it again.
  A first build does not wait (`waits`): it has no older versions to keep.
#}
{% macro new_loads(loads, built_loads, changes, waits=true) -%}
    select loads._dlt_load_id
    from {{ loads }} as loads
    where not exists (
        select 1 from {{ built_loads }} as built
        where built._dlt_load_id = loads._dlt_load_id
    )
    {%- if waits %}
    and not exists (
        select 1 from {{ changes }} as changes
        where changes.left_count > 0
            and changes.changed_by not in (select complete._dlt_load_id from {{ loads }} as complete)
            and changes.changed_by in (
                select joined.changed_by from {{ changes }} as joined
                where joined.joined_count > 0
            )
            and not exists (
                select 1 from {{ built_loads }} as built
                where built._dlt_load_id = changes._dlt_load_id
            )
    )
    {%- endif %}
{%- endmacro %}

{# Whether `column` is among the load ids of `loads`. #}
{% macro is_of_loads(column, loads) -%}
    {{ is_among(column, '_dlt_load_id', loads) }}
{%- endmacro %}

{#
  Pre-hook: empties the target when no load that it has taken in is in the raw events any more, which
  means that the dataset was rebuilt (`--full-refresh`, or dropped by hand): all its loads are new.
#}
{% macro forget_other_dataset(built_loads, events) -%}
    {%- if is_incremental() %}
    delete from {{ this }}
    where not exists (
        select 1 from {{ built_loads }} as built
        where {{ is_in('built._dlt_load_id', '_dlt_load_id', events) }}
    )
    {%- endif %}
{%- endmacro %}

{# Pre-hook: an empty target has taken in no load. #}
{% macro forget_built_loads(built_loads) -%}
    delete from {{ built_loads }}
    {%- if is_incremental() %}
    where not exists (select 1 from {{ this }})
    {%- endif %}
{%- endmacro %}

{# Post-hook: notes the loads that the model took in. The same snapshot gives the same loads. #}
{% macro note_built_loads(loads, built_loads, changes) -%}
    insert into {{ built_loads }} (_dlt_load_id, built_at, is_checked)
    select
        _dlt_load_id,
        {{ dbt.current_timestamp() }} as built_at,
        false as is_checked
    from ({{ new_loads(loads, built_loads, changes, waits=is_incremental()) }}) as loads
{%- endmacro %}

{#
  For tests that read events. `dbt test` and `--full-refresh` read all of them (`none`). `dbt build`
  reads those of the loads that no build has compared yet: a list. Where the loads that were taken in
  last are small, they are compared once more, since that costs nothing.
#}
{% macro loads_to_check(built_loads, changes) -%}
    {%- if not execute or flags.WHICH == 'test' or flags.FULL_REFRESH -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set to_check -%}
        select _dlt_load_id from {{ built_loads }}
        where not coalesce(is_checked, false)
            or (
                built_at = (select max(built_at) from {{ built_loads }})
                and _dlt_load_id not in (
                    select changed_by from {{ changes }}
                    group by changed_by
                    having sum(joined_count) > 100000
                )
            )
    {%- endset -%}
    {{ return(run_query(to_check).columns[0].values() | list) }}
{%- endmacro %}

{# The condition that `column` is among them. #}
{% macro is_to_check(column, built_loads, changes) -%}
    {%- set loads = loads_to_check(built_loads, changes) -%}
    {%- if loads is none -%}
    true
    {%- elif loads -%}
    {{ column }} in ('{{ loads | join("', '") }}')
    {%- else -%}
    false
    {%- endif -%}
{%- endmacro %}

{# Hook at the end of a run: notes that the loads were compared, if all tests that do so have passed. #}
{% macro note_checked_loads(results) -%}
    {%- set built_loads, passed = ref('int_built_loads'), [] -%}
    {%- if execute and flags.WHICH == 'build' -%}
        {%- for result in results if result.status == 'pass' -%}
            {%- do passed.append(result.node.name) -%}
        {%- endfor -%}
        {%- set checks = [
            'assert_fct_events_hold_the_raw_events', 'assert_day_loads_hold_fct_events',
            'assert_stored_aggregates_add_up_to_fct_events', 'assert_marts_add_up_to_fct_events',
        ] -%}
        {%- if not checks | reject('in', passed) | list %}
    update {{ built_loads }} set is_checked = true where not coalesce(is_checked, false)
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
