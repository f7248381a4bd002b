{# Rules about consent tokens: the one place for each. #}

{# Seconds after a token's creation in which a choice is the first one: a day. #}
{% macro first_day_seconds() -%}
    {{ return(86400) }}
{%- endmacro %}

{# Days by which a decision counts as older than 6 and 12 months. #}
{% macro months_in_days() -%}
    {{ return({6: 180, 12: 365}) }}
{%- endmacro %}
