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

{# Whether a choice was a click: the payload says so. Some choices on the notice do not say how they were made. #}
{% macro is_click(action='action') -%}
    coalesce({{ action }} = 'click', false)
{%- endmacro %}

{# Actions in the interface that open the preferences (the second layer), and that change something there. #}
{% macro opens_preferences(action='action') -%}
    coalesce({{ action }} = 'preferences.shownpurposes', false)
{%- endmacro %}

{% macro changes_preferences(action='action') -%}
    coalesce({{ action }} in ('preferences.purposechanged', 'preferences.vendorchanged'), false)
{%- endmacro %}
