{# A hash of all rows of a small table. #}
{% macro content_version(relation) -%}
    {{ return(adapter.dispatch('content_version')(relation)) }}
{%- endmacro %}

{% macro default__content_version(relation) -%}
    {{ return(run_query('select * from ' ~ relation).rows | map('join', ',') | sort | join(';')) }}
{%- endmacro %}

{% macro postgres__content_version(relation) -%}
    {%- if relation_now(relation) is none -%}
        {{ return('') }}
    {%- endif -%}
    {{ return(run_query("select md5(string_agg(cast(t as text), ',' order by cast(t as text))) from " ~ relation ~ " as t").columns[0][0] or '') }}
{%- endmacro %}
