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
  The hash of the lists of a notice or choice, null where it has none: events whose lists are equal
  have the same.
#}
{% macro payload_lists_id() -%}
    {%- set lists = payload_lists() | map('first') | list -%}
    case
        when event_type in ('consent.asked', 'consent.given') and coalesce({{ lists | join(', ') }}) is not null
            then {{ dbt_utils.generate_surrogate_key(lists) }}
    end
{%- endmacro %}

{#
  One row per list that a notice or choice has. A notice has a flat list, a choice an object; the
  other form counts for nothing. `payloads` has the columns `<list>_shown`, `<list>_enabled` and
  `<list>_disabled`.
#}
{% macro listed_in(payloads) -%}
    {%- set own = ['company_id', 'event_date', '_dlt_load_id', 'group_version', 'is_on_notice', 'event_row_count'] -%}
    {%- for list, item_type, legal_basis in payload_lists() -%}
    {%- set last_list = loop.last -%}
    {%- for event_type, state in [('consent.asked', 'shown'), ('consent.given', 'enabled'), ('consent.given', 'disabled')] %}
    select
        {{ own | join(', ') }},
        '{{ item_type }}' as item_type,
        '{{ legal_basis }}' as legal_basis,
        '{{ state }}' as state,
        {# vendors are not counted by region: nobody asks for it, and there are hundreds of them -#}
        {{ "'all'" if item_type == 'vendor' else 'region' }} as region,
        {{ list }}_{{ state }} as list,
        {{- weight_sum_names(payloads) }}
    from {{ payloads }}
    where event_type = '{{ event_type }}' and {{ list }}_{{ state }} is not null
    {%- if not (last_list and loop.last) %}
    union all
    {%- endif %}
    {%- endfor %}
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
