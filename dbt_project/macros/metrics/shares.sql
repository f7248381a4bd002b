{# The part of `count` in its total over the rows that have the same `groups`; null where that is 0. #}
{% macro share_of(count, groups) -%}
    cast({{ dbt_utils.safe_divide(count, 'sum(' ~ count ~ ') over (partition by ' ~ groups ~ ')') }} as double precision)
{%- endmacro %}
