{# What a choice was, and where it was made: the one place for each rule. #}

{# Whether a choice was made on the notice: not elsewhere (external), not in a web view. #}
{% macro is_on_notice(action='action') -%}
    coalesce({{ action }}, '') not in ('external', 'webview')
{%- endmacro %}

{# Whether a status accepts something. #}
{% macro is_opt_in(consent_status='consent_status') -%}
    {{ consent_status }} in ('full opt-in', 'partial opt-in')
{%- endmacro %}

{# Whether a status accepts or refuses; `empty` and `unknown` do neither. #}
{% macro is_decision(consent_status='consent_status') -%}
    {{ consent_status }} in ('full opt-in', 'partial opt-in', 'opt-out')
{%- endmacro %}
