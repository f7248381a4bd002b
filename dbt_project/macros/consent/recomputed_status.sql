{#
  The status of a choice, worked out from the lists of its payload, to compare with the delivered one.
  Arguments are the columns of fct_events. What people consent to decides; legitimate interest,
  which they can only object to, explains.
#}

{# Entries of a list, 0 where it is missing. #}
{% macro listed(list) -%}
    coalesce({{ list }}_count, 0)
{%- endmacro %}

{# Whether the payload has any of the lists of a choice. #}
{% macro has_choice_lists() -%}
    coalesce(
        {% for list, _, _ in payload_lists() -%}
        {{ list }}_enabled_count, {{ list }}_disabled_count
        {%- if not loop.last %}, {% endif %}
        {%- endfor %}
    ) is not null
{%- endmacro %}

{#
  empty: nothing to consent to. opt-out: no purpose enabled (without purposes: no vendor).
  full opt-in: no purpose and no vendor disabled. partial opt-in: the rest.
#}
{% macro status_of_lists(which='') -%}
    {%- set purposes, vendors = which ~ 'purposes', which ~ 'vendors' -%}
    case
        when {{ listed(purposes ~ '_enabled') }} + {{ listed(purposes ~ '_disabled') }}
            + {{ listed(vendors ~ '_enabled') }} + {{ listed(vendors ~ '_disabled') }} = 0 then 'empty'
        when {{ listed(purposes ~ '_enabled') }} = 0
            and ({{ listed(purposes ~ '_disabled') }} > 0 or {{ listed(vendors ~ '_enabled') }} = 0) then 'opt-out'
        when {{ listed(purposes ~ '_disabled') }} + {{ listed(vendors ~ '_disabled') }} = 0 then 'full opt-in'
        else 'partial opt-in'
    end
{%- endmacro %}

{% macro recomputed_status() -%}
    case when not {{ has_choice_lists() }} then 'unknown' else {{ status_of_lists() }} end
{%- endmacro %}

{# The status that the choice replaced, which apps deliver beside it; null where the payload does not say. #}
{% macro previous_status() -%}
    case
        when coalesce(
            previous_purposes_enabled_count, previous_purposes_disabled_count,
            previous_vendors_enabled_count, previous_vendors_disabled_count
        ) is not null then {{ status_of_lists('previous_') }}
    end
{%- endmacro %}

{# Whether a choice lists legitimate interest for any purpose or vendor. #}
{% macro offers_interest() -%}
    {{ listed('purposes_li_enabled') }} + {{ listed('purposes_li_disabled') }}
    + {{ listed('vendors_li_enabled') }} + {{ listed('vendors_li_disabled') }} > 0
{%- endmacro %}

{# Whether it leaves legitimate interest on for any of them. #}
{% macro leaves_interest_on() -%}
    {{ listed('purposes_li_enabled') }} + {{ listed('vendors_li_enabled') }} > 0
{%- endmacro %}

{# What explains a delivered and a recomputed status, whether or not they agree. #}
{% macro status_explanation(status, recomputed) -%}
    {%- set objected = listed('purposes_li_disabled') ~ ' + ' ~ listed('vendors_li_disabled') ~ ' > 0' -%}
    case
        when {{ recomputed }} = 'unknown' then 'the payload has no lists'
        when {{ status }} = 'unknown' then 'no status was delivered'
        when {{ recomputed }} = 'empty' and {{ offers_interest() }} then 'only legitimate interest was offered'
        when {{ recomputed }} = 'empty' then 'nothing was offered'
        when {{ status }} = 'empty' then 'a choice without a status'
        when {{ recomputed }} = 'opt-out' and {{ listed('vendors_enabled') }} > 0 then 'no purpose is enabled, but some vendors are'
        when {{ recomputed }} = 'opt-out' and {{ leaves_interest_on() }} then 'refused; legitimate interest not objected to'
        when {{ recomputed }} = 'full opt-in' and {{ objected }} then 'all consented to; legitimate interest objected to'
        when {{ recomputed }} = 'partial opt-in' and {{ listed('purposes_disabled') }} = 0 then 'all purposes, not all vendors'
        when {{ status }} = {{ recomputed }} then 'the lists say so'
        else 'not explained by the lists'
    end
{%- endmacro %}
