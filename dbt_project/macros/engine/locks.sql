{# Until the end of the transaction, others read the table as it was, and wait to write to it. #}
{% macro lock_against_writers(relation) -%}
    {{ return(adapter.dispatch('lock_against_writers')(relation)) }}
{%- endmacro %}

{% macro default__lock_against_writers(relation) -%}
{%- endmacro %}

{% macro postgres__lock_against_writers(relation) -%}
    lock table {{ relation }} in share row exclusive mode;
{%- endmacro %}


{# Whether another session holds that lock. #}
{% macro has_writers(relation) -%}
    {{ return(adapter.dispatch('has_writers')(relation)) }}
{%- endmacro %}

{% macro default__has_writers(relation) -%}
    {{ return(false) }}
{%- endmacro %}

{% macro postgres__has_writers(relation) -%}
    {%- set others -%}
        select count(*) from pg_locks
        where relation = to_regclass('{{ relation }}')
            and database = (select oid from pg_database where datname = current_database())
            and mode in ('ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
            and pid <> pg_backend_pid()
            and granted
    {%- endset -%}
    {{ return(run_query(others).columns[0][0] > 0) }}
{%- endmacro %}


{# Waits until no other session than that named `holder` holds the lock `name`, and says so. #}
{% macro wait_for_lock(name, holder) -%}
    {{ return(adapter.dispatch('wait_for_lock')(name, holder)) }}
{%- endmacro %}

{% macro default__wait_for_lock(name, holder) -%}
{%- endmacro %}

{% macro postgres__wait_for_lock(name, holder) -%}
    {%- set key = "hashtextextended('" ~ name ~ "', 0)" -%}
    {%- set is_free -%}
        select case
            when exists (select 1 from pg_stat_activity where application_name = '{{ holder }}') then true
            else pg_try_advisory_xact_lock({{ key }})
        end
    {%- endset -%}
    {%- if not run_query(is_free).columns[0][0] -%}
        {%- do print('dbt: another build works in ' ~ target.host ~ ':' ~ target.port ~ '/' ~ target.dbname ~ ': waiting for it to end') -%}
        {%- do run_query('select pg_advisory_xact_lock(' ~ key ~ ')') -%}
    {%- endif -%}
{%- endmacro %}


{#
  Pre-hook outside the transaction, where dbt has just ended what it had begun: begins the model's
  transaction, in which all statements see the database as it is now. The lock comes first: a lock
  does not look at the database yet, and what another build wrote before it has to be seen.
#}
{% macro begin_in_one_snapshot() -%}
    {{ return(adapter.dispatch('begin_in_one_snapshot')()) }}
{%- endmacro %}

{% macro default__begin_in_one_snapshot() -%}
{%- endmacro %}

{% macro postgres__begin_in_one_snapshot() -%}
    begin isolation level repeatable read;
    {{ wait_for_writers() }}
{%- endmacro %}
