{#
  Stored aggregates: the incremental strategy `replace_groups`.

  A stored aggregate is kept by groups of events, for example by company, day and load. Its config
  says which columns make a group (`unique_key`) and which model lists the groups that there should
  be (`groups_of`, coarsened or restricted by the macro `groups`, if one is named): one row per
  group with its `group_version`, which changes whenever the group's events do. The aggregate keeps
  the version on each of its rows.

  The model computes the groups whose version the aggregate does not have (`groups_to_build`). The
  strategy then deletes what no longer agrees and inserts what was computed, in one transaction. So
  an event that moved is noticed by the group that it left, too. It inserts only what is still
  current, since another build may have made the list of groups again meanwhile.

  Whether a group is stored is asked once for each group. Asked for each row, the database would look
  at all rows of the group that were just deleted, for each of those that take their place.

  The table is locked against other builds before anything is computed (waiting.sql).
#}
{% macro get_incremental_replace_groups_sql(arguments) -%}
    {%- set stored, computed, keys = arguments['target_relation'], arguments['temp_relation'], arguments['unique_key'] -%}
    {%- set columns = arguments['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {%- set groups = ref(config.get('groups_of')) -%}
    {%- if config.get('groups') -%}
        {%- set groups = context[config.get('groups')](groups) -%}
    {%- endif -%}
    {{ read_in_any_way() }}

    delete from {{ stored }} as stored
    where not exists (
        select 1 from {{ groups }} as current_groups
        where {{ same_group('current_groups', 'stored', keys + ['group_version']) }}
    );

    insert into {{ stored }} ({{ columns }})
    select {{ columns }}
    from {{ computed }} as computed
    where exists (
        select 1 from (
            select * from {{ groups }} as current_groups
            where not exists (
                select 1 from {{ stored }} as stored
                where {{ same_group('stored', 'current_groups', keys) }}
            )
            {{ computed_once() }}
        ) as missing_groups
        where {{ same_group('missing_groups', 'computed', keys + ['group_version']) }}
    )
{%- endmacro %}

{# What the model has to compute: the groups that the aggregate lacks, or has in another version. #}
{% macro groups_to_build(groups, keys) -%}
    select current_groups.*
    from {{ groups }} as current_groups
    {%- if is_incremental() %}
    where not exists (
        select 1 from {{ this }} as stored
        where {{ same_group('current_groups', 'stored', keys + ['group_version']) }}
    )
    {%- endif %}
{%- endmacro %}

{% macro same_group(left, right, keys) -%}
    {% for key in keys -%}
    {{ left }}.{{ key }} = {{ right }}.{{ key }}{% if not loop.last %} and {% endif %}
    {%- endfor %}
{%- endmacro %}

{# Coarser groups, by company, of groups by day: the version differs whenever that of any day does. #}
{% macro groups_by_company(days) -%}
    (
        select
            company_id,
            md5({{ dbt.listagg('group_version', "','", 'order by event_date') }}) as group_version
        from {{ days }}
        group by company_id
    )
{%- endmacro %}

{# The same by company and load. #}
{% macro groups_by_load(days) -%}
    (
        select
            company_id,
            _dlt_load_id,
            md5({{ dbt.listagg('group_version', "','", 'order by event_date') }}) as group_version
        from {{ days }}
        group by company_id, _dlt_load_id
    )
{%- endmacro %}

{#
  The groups of int_day_loads, restricted to notices and choices, from int_consent_daily. Rows of a
  load can leave a group but never join it, so an equal number of rows means equal rows.
#}
{% macro groups_with_payloads(daily) -%}
    (
        select
            company_id,
            event_date,
            _dlt_load_id,
            cast(cast(sum(event_row_count) as bigint) as {{ dbt.type_string() }}) as group_version
        from {{ daily }}
        where event_type in ('consent.asked', 'consent.given')
        group by company_id, event_date, _dlt_load_id
    )
{%- endmacro %}
