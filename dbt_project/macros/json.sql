{# JSON access: the only place where engines differ about it. A path is a list of keys. #}

{#
  All columns of `relation`, and its JSON text `column` parsed as `payload`.
  `offset 0` keeps Postgres from pasting the cast into every later use of `payload`, which
  would parse the document once for each of them; a query that does not use it never parses.
#}
{% macro json_parsed(relation, column) -%}
    {{ return(adapter.dispatch('json_parsed')(relation, column)) }}
{%- endmacro %}

{% macro default__json_parsed(relation, column) -%}
    select
        documents.*,
        documents.{{ column }} as payload
    from {{ relation }} as documents
{%- endmacro %}

{% macro duckdb__json_parsed(relation, column) -%}
    select
        documents.*,
        cast(documents.{{ column }} as json) as payload
    from {{ relation }} as documents
{%- endmacro %}

{% macro postgres__json_parsed(relation, column) -%}
    select
        documents.*,
        parsed.payload
    from {{ relation }} as documents
    cross join lateral (
        select cast(documents.{{ column }} as jsonb) as payload
        offset 0
    ) as parsed
{%- endmacro %}


{# The text at `path`, null where there is none. #}
{% macro json_text(document, path) -%}
    {{ return(adapter.dispatch('json_text')(document, path)) }}
{%- endmacro %}

{% macro default__json_text(document, path) -%}
    get_json_object({{ document }}, '$.{{ path | join(".") }}')
{%- endmacro %}

{% macro duckdb__json_text(document, path) -%}
    json_extract_string({{ document }}, '$.{{ path | join(".") }}')
{%- endmacro %}

{% macro postgres__json_text(document, path) -%}
    ({{ document }} #>> '{{ "{" ~ path | join(",") ~ "}" }}')
{%- endmacro %}


{# Number of entries of the list at `path`, null where there is no list. #}
{% macro json_list_length(document, path) -%}
    {{ return(adapter.dispatch('json_list_length')(document, path)) }}
{%- endmacro %}

{% macro default__json_list_length(document, path) -%}
    json_array_length(get_json_object({{ document }}, '$.{{ path | join(".") }}'))
{%- endmacro %}

{% macro duckdb__json_list_length(document, path) -%}
    case
        when json_type({{ document }}, '$.{{ path | join(".") }}') = 'ARRAY'
            then json_array_length({{ document }}, '$.{{ path | join(".") }}')
    end
{%- endmacro %}

{% macro postgres__json_list_length(document, path) -%}
    {%- set list = "(" ~ document ~ " #> '{" ~ path | join(",") ~ "}')" -%}
    case when jsonb_typeof({{ list }}) = 'array' then jsonb_array_length({{ list }}) end
{%- endmacro %}
