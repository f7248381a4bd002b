{#
  Comments on relations. They come and go with the relation, and take part in its transaction, so the
  models' hooks note there what a relation was made of.
#}

{# Of those of these relations that exist: name -> comment, '' where there is none. One query for all. #}
{% macro comments_on(names) -%}
    {{ return(adapter.dispatch('comments_on')(names)) }}
{%- endmacro %}

{# None: on this engine nothing is noted. #}
{% macro default__comments_on(names) -%}
    {{ return(none) }}
{%- endmacro %}

{% macro postgres__comments_on(names) -%}
    {%- if not names -%}
        {{ return({}) }}
    {%- endif -%}
    {%- set query -%}
        select name, coalesce(obj_description(to_regclass(name), 'pg_class'), '')
        from unnest(cast(array['{{ names | unique | join("', '") }}'] as text[])) as relations (name)
        where to_regclass(name) is not null
    {%- endset -%}
    {%- set comments = {} -%}
    {%- for name, comment in run_query(query).rows -%}
        {%- do comments.update({name: comment}) -%}
    {%- endfor -%}
    {{ return(comments) }}
{%- endmacro %}
