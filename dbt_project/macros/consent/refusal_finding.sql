{#
  What to check about refusals, in sentences, from the columns of refusal_integrity; null where there
  is nothing to check. Fewer than five cases are left alone, and so is a company in which nobody
  refused among fewer than fifty.
#}
{% macro refusal_finding() -%}
    nullif(concat_ws(
        ' ',
        case when refusal_with_legitimate_interest_row_count >= 5 then
            'Legitimate interest stayed on after ' || refusal_with_legitimate_interest_row_count
            || ' of ' || refusal_with_offer_row_count || ' refusals.'
        end,
        case when refusal_row_count = 0 and decision_row_count >= 50 then
            'Nobody refused in ' || decision_row_count || ' decisions; the upper bound is '
            || round(cast(100 * refusal_rate_upper as numeric), 1) || ' %.'
        end,
        case when consent_without_click_row_count >= 5 then
            consent_without_click_row_count || ' opt-ins on the notice came without a click.'
        end,
        case when notice_after_decision_row_count >= 5 then
            notice_after_decision_row_count || ' of ' || notice_row_count
            || ' notices were shown to people who had decided, ' || notice_after_refusal_row_count
            || ' of them after a refusal.'
        end
    ), '')
{%- endmacro %}
