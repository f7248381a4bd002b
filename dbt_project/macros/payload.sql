{# Rules about what payloads list: the one place for each. #}

{# The lists of a notice and, with `enabled` and `disabled`, of a choice: name, what is listed, why. #}
{% macro payload_lists() -%}
    {{ return([
        ('purposes', 'purpose', 'consent'),
        ('purposes_li', 'purpose', 'legitimate interest'),
        ('vendors', 'vendor', 'consent'),
        ('vendors_li', 'vendor', 'legitimate interest'),
    ]) }}
{%- endmacro %}

{# Whether a choice was made on the notice: not elsewhere (external), not in a web view. #}
{% macro is_on_notice(action='action') -%}
    coalesce({{ action }}, '') not in ('external', 'webview')
{%- endmacro %}

{#
  Where a notice of the TCF is meant to be shown; a country that no list knows is its own region.
  `inside` and `outside` are relations of country codes: a join would be planned as a loop here.
#}
{% macro tcf_region(country_code, inside, outside) -%}
    case
        when {{ is_among(country_code, 'country_code', inside) }} then 'EEA, UK and CH'
        when {{ is_among(country_code, 'country_code', outside) }} then 'elsewhere'
        else 'unknown'
    end
{%- endmacro %}

{# IAB's number of a vendor: other vendors have names (`google`, `c:shopstats-x1`). #}
{% macro iab_vendor_id(vendor_id) -%}
    case
        when translate({{ vendor_id }}, '0123456789', '') = '' and length({{ vendor_id }}) between 1 and 9
            then cast({{ vendor_id }} as integer)
    end
{%- endmacro %}

{# What a purpose listed under legitimate interest that TCF allows by consent only calls for. #}
{% macro compliance_finding(region) -%}
    case {{ region }}
        when 'EEA, UK and CH'
            then 'To check, not a verdict: TCF 2.2 knows this purpose by consent only; it binds the vendors registered for it.'
        when 'elsewhere'
            then 'For information: the notice was shown where TCF is not meant to apply.'
        else 'To check: the country is not known, so it cannot be said whether TCF applies.'
    end
{%- endmacro %}
