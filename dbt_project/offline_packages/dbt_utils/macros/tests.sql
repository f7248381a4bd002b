{% test unique_combination_of_columns(model, combination_of_columns, quote_columns=false) %}
    {%- set columns = [] -%}
    {%- for column in combination_of_columns -%}
        {%- do columns.append(adapter.quote(column) if quote_columns else column) -%}
    {%- endfor %}
    select {{ columns | join(', ') }}
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}

{% test expression_is_true(model, expression, column_name=none) %}
    select 1
    from {{ model }}
    where not ({{ column_name ~ ' ' if column_name }}{{ expression }})
{% endtest %}

{% test accepted_range(model, column_name, min_value=none, max_value=none, inclusive=true) %}
    {%- set equal = '=' if inclusive else '' %}
    select *
    from {{ model }}
    where not (
        true
        {%- if min_value is not none %} and {{ column_name }} >{{ equal }} {{ min_value }}{% endif %}
        {%- if max_value is not none %} and {{ column_name }} <{{ equal }} {{ max_value }}{% endif %}
    )
{% endtest %}
