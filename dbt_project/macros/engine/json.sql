{# JSON access: the only place where engines differ about it. A path is a list of keys. #}

{# A JSON text as a document. Postgres checks and parses it here; Spark keeps the text. #}
{% macro json_parse(text) -%}
    {{ return(adapter.dispatch('json_parse')(text)) }}
{%- endmacro %}

{% macro default__json_parse(text) -%}
    {{ text }}
{%- endmacro %}

{% macro duckdb__json_parse(text) -%}
    cast({{ text }} as json)
{%- endmacro %}

{% macro postgres__json_parse(text) -%}
    cast({{ text }} as jsonb)
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
    ({{ document }} {% for key in path %}{{ '->>' if loop.last else '->' }} '{{ key }}'{{ ' ' if not loop.last }}{% endfor %})
{%- endmacro %}


{# Number of entries of `document` where it is a list, else null. #}
{% macro json_list_length(document) -%}
    {{ return(adapter.dispatch('json_list_length')(document)) }}
{%- endmacro %}

{% macro default__json_list_length(document) -%}
    json_array_length({{ document }})
{%- endmacro %}

{% macro duckdb__json_list_length(document) -%}
    case when json_type({{ document }}) = 'ARRAY' then json_array_length({{ document }}) end
{%- endmacro %}

{% macro postgres__json_list_length(document) -%}
    case when jsonb_typeof({{ document }}) = 'array' then jsonb_array_length({{ document }}) end
{%- endmacro %}


{# What is at `path`, as a document; null where there is nothing. #}
{% macro json_part(document, path) -%}
    {{ return(adapter.dispatch('json_part')(document, path)) }}
{%- endmacro %}

{% macro default__json_part(document, path) -%}
    get_json_object({{ document }}, '$.{{ path | join(".") }}')
{%- endmacro %}

{% macro duckdb__json_part(document, path) -%}
    json_extract({{ document }}, '$.{{ path | join(".") }}')
{%- endmacro %}

{% macro postgres__json_part(document, path) -%}
    ({{ document }}{% for key in path %} -> '{{ key }}'{% endfor %})
{%- endmacro %}


{# `document` where it is a list, else null. #}
{% macro json_list(document) -%}
    {{ return(adapter.dispatch('json_list')(document)) }}
{%- endmacro %}

{% macro default__json_list(document) -%}
    case when {{ document }} like '[%' then {{ document }} end
{%- endmacro %}

{% macro duckdb__json_list(document) -%}
    case when json_type({{ document }}) = 'ARRAY' then {{ document }} end
{%- endmacro %}

{% macro postgres__json_list(document) -%}
    case when jsonb_typeof({{ document }}) = 'array' then {{ document }} end
{%- endmacro %}


{#
  The list `document` without the entries that the list `others` has, too, compared as text;
  `document` itself where one of them is not a list.
#}
{% macro json_list_without(document, others) -%}
    {{ return(adapter.dispatch('json_list_without')(document, others)) }}
{%- endmacro %}

{% macro default__json_list_without(document, others) -%}
    case
        when {{ document }} like '[%' and {{ others }} like '[%'
            then to_json(array_except(from_json({{ document }}, 'array<string>'), from_json({{ others }}, 'array<string>')))
        else {{ document }}
    end
{%- endmacro %}

{% macro duckdb__json_list_without(document, others) -%}
    case
        when json_type({{ document }}) = 'ARRAY' and json_type({{ others }}) = 'ARRAY'
            then to_json(list_filter(
                from_json({{ document }}, '["varchar"]'),
                lambda entry: not list_contains(from_json({{ others }}, '["varchar"]'), entry)
            ))
        else {{ document }}
    end
{%- endmacro %}

{#
  Lists with a common entry are rare, and only they are put together again. `intersect` hashes both
  lists; in a join, Postgres would compare their entries pair by pair.
#}
{% macro postgres__json_list_without(document, others) -%}
    case
        when jsonb_typeof({{ document }}) = 'array' and jsonb_typeof({{ others }}) = 'array' and {{ others }} <> '[]'
            then case
                when exists (
                    select jsonb_array_elements_text({{ document }})
                    intersect
                    select jsonb_array_elements_text({{ others }})
                )
                    then (
                        select coalesce(jsonb_agg(entries.entry), '[]')
                        from jsonb_array_elements({{ document }}) as entries (entry)
                        where not exists (
                            select 1 from jsonb_array_elements_text({{ others }}) as other_entries (entry)
                            where other_entries.entry = entries.entry #>> '{}'
                        )
                    )
                else {{ document }}
            end
        else {{ document }}
    end
{%- endmacro %}


{#
  Clause of a `from`: `items.item_id`, once for each different text among the entries of `list`
  (a column with a list or null; 1 and "1" are one text), or a single null where there is none.
#}
{% macro join_json_items(list) -%}
    {{ return(adapter.dispatch('join_json_items')(list)) }}
{%- endmacro %}

{% macro default__join_json_items(list) -%}
    lateral view outer explode(array_distinct(from_json({{ list }}, 'array<string>'))) items as item_id
{%- endmacro %}

{% macro duckdb__join_json_items(list) -%}
    left join lateral (
        select distinct unnest(from_json({{ list }}, '["varchar"]')) as item_id
    ) as items on true
{%- endmacro %}

{% macro postgres__join_json_items(list) -%}
    left join lateral (
        select distinct entries.item_id
        from jsonb_array_elements_text({{ list }}) as entries (item_id)
    ) as items on true
{%- endmacro %}
