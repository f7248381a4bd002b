{# dbt calls it for a schema that is missing. Without the right, dbt would say which right only. #}
{% macro postgres__create_schema(relation) -%}
    {%- set rights -%}
        select
            has_database_privilege(current_database(), 'CREATE') as is_allowed,
            quote_ident(current_database()) as database_name,
            quote_ident(current_user) as user_name
    {%- endset -%}
    {%- set found = run_query(rights).rows[0] -%}
    {%- if not found['is_allowed'] -%}
        {%- do exceptions.raise_compiler_error(
            'The schema ' ~ relation.schema ~ ' is missing, and the user ' ~ found['user_name']
            ~ ' may not create schemas in the database ' ~ found['database_name']
            ~ '. This gives the right: GRANT CREATE ON DATABASE ' ~ found['database_name'] ~ ' TO '
            ~ found['user_name'] ~ ' (or an administrator creates it: CREATE SCHEMA '
            ~ relation.schema ~ ' AUTHORIZATION ' ~ found['user_name'] ~ ')'
        ) -%}
    {%- endif -%}
    {%- call statement('create_schema') -%}
        create schema if not exists {{ relation.without_identifier().include(database=False) }}
    {%- endcall -%}
{%- endmacro %}
