{# Whether a choice was made on the notice: not elsewhere (external), not in a web view. #}
{% macro is_on_notice(action='action') -%}
    coalesce({{ action }}, '') not in ('external', 'webview')
{%- endmacro %}
