{#
  What to check about the region scopes, in a sentence, from the columns of region_scope_consent; null
  where too few decisions were made in one of them.
#}
{% macro region_scope_finding() -%}
    case
        when not coalesce(odds_ratio_is_reliable, false) then null
        when companies_differ
            then 'Companies differ in this (p = ' || round(cast(difference_p_value as numeric), 4)
                || '): look at each, since one figure for all describes none of them.'
        when odds_ratio_upper < 1 then 'People in the EEA, UK and CH consent less.'
        when odds_ratio_lower > 1 then 'People in the EEA, UK and CH consent more.'
        else 'No difference is certain.'
    end
{%- endmacro %}
