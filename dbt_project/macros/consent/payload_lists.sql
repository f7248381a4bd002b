{# Rules about what payloads list: the one place for each. #}

{#
  The lists of a payload: name, what is listed, legal basis. A notice has a flat list under the name,
  a choice an object with the lists `enabled` and `disabled`.
#}
{% macro payload_lists() -%}
    {{ return([
        ('purposes', 'purpose', 'consent'),
        ('purposes_li', 'purpose', 'legitimate interest'),
        ('vendors', 'vendor', 'consent'),
        ('vendors_li', 'vendor', 'legitimate interest'),
    ]) }}
{%- endmacro %}

{#
  One row per list that a notice or choice can have, and one for the event itself, without a list. `list`
  is null where the payload has none, or has the other form (an object in a notice, a flat list in a
  choice).

  What a choice both enables and disables counts as disabled: consent has to be unambiguous. So a
  choice counts once for each item, and shares of choices stay within 1.
#}
{% macro listed_in(payloads) -%}
    {%- set own = ['company_id', 'event_date', '_dlt_load_id', 'group_version', 'is_on_notice', 'event_row_count'] -%}
    {%- set kinds = [('consent.asked', 'event', '', 'shown', 'region', none), ('consent.given', 'event', '', 'given', 'region', none)] -%}
    {%- for list, item_type, legal_basis in payload_lists() -%}
    {#- vendors are not counted by region: nobody asks for it, and there are hundreds of them -#}
    {%- set region = "'all'" if item_type == 'vendor' else 'region' -%}
    {%- do kinds.append(('consent.asked', item_type, legal_basis, 'shown', region, list)) -%}
    {%- set disabled = json_part(list, ['disabled']) -%}
    {%- set enabled = json_list_without(json_part(list, ['enabled']), disabled) -%}
    {%- do kinds.append(('consent.given', item_type, legal_basis, 'enabled', region, enabled)) -%}
    {%- do kinds.append(('consent.given', item_type, legal_basis, 'disabled', region, disabled)) -%}
    {%- endfor -%}
    {%- for event_type, item_type, legal_basis, state, region, list in kinds %}
    select
        {{ own | join(', ') }},
        '{{ item_type }}' as item_type,
        '{{ legal_basis }}' as legal_basis,
        '{{ state }}' as state,
        {{ region }} as region,
        {{ json_list(list) if list else 'cast(null as ' ~ json_type() ~ ')' }} as list,
        {{- weight_sum_names(payloads) }}
    from {{ payloads }}
    where event_type = '{{ event_type }}'
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{#
  Whether TCF's notices are meant to be shown in a country. A country that no list knows is `unknown`.
  `inside` and `outside` are relations of country codes; Postgres would plan a join with them as a loop.
#}
{% macro tcf_region(country_code, inside, outside) -%}
    case
        when {{ is_among(country_code, 'country_code', inside) }} then 'EEA, UK and CH'
        when {{ is_among(country_code, 'country_code', outside) }} then 'elsewhere'
        else 'unknown'
    end
{%- endmacro %}

{# IAB's number of a vendor, null for other vendors, which have names (`google`, `c:shopstats-x1`). #}
{% macro iab_vendor_id(vendor_id) -%}
    case
        when translate({{ vendor_id }}, '0123456789', '') = '' and length({{ vendor_id }}) between 1 and 9
            then cast({{ vendor_id }} as integer)
    end
{%- endmacro %}

{# What to do about a purpose under legitimate interest that TCF allows by consent only. #}
{% macro compliance_finding(region) -%}
    case {{ region }}
        when 'EEA, UK and CH'
            then 'To check, not a verdict: TCF 2.2 knows this purpose by consent only; it binds the vendors registered for it.'
        when 'elsewhere'
            then 'For information: the notice was shown where TCF is not meant to apply.'
        else 'To check: the country is not known, so it cannot be said whether TCF applies.'
    end
{%- endmacro %}
