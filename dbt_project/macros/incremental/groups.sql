{#
  Stored aggregates are kept by groups. `groups` is a model with one row per group: the columns of
  `keys`, and `group_version`, which changes whenever the group's events do. The target keeps
  `group_version` on each row. A pre-hook first deletes the groups whose version no longer agrees;
  `missing_groups` then computes those that the target lacks. So an event that moved is noticed by
  the group that it left, too. Both run in the model's transaction: a load that lands meanwhile
  cannot make the two steps disagree.
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
