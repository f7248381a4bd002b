{# Whether USER_ID stands for a person and payloads are distinct: the one place for each rule. #}

{#
  `fails` where most tokens that were seen more than once carry several ids (five such tokens at
  least), or where users with several events span countries as often as ids dealt out at
  random do. A person would hardly ever, so half the chance share separates the two: the whole
  interval of twenty users or more has to lie above it, or below it.
#}
{% macro user_id_verdict() -%}
    case
        when {{ tokens_contradict_ids() }} or {{ users_span_by_chance() }} then 'fails'
        when repeated_token_count >= 5 or (
            repeated_user_count >= 20 and spanning_user_share_upper < expected_spanning_user_share / 2
        ) then 'holds'
        else 'cannot be told'
    end
{%- endmacro %}

{% macro tokens_contradict_ids() -%}
    (repeated_token_count >= 5 and several_id_token_count * 2 > repeated_token_count)
{%- endmacro %}

{% macro users_span_by_chance() -%}
    (repeated_user_count >= 20 and coalesce(spanning_user_share_lower > expected_spanning_user_share / 2, false))
{%- endmacro %}

{% macro user_id_sentence() -%}
    {%- set tokens = "several_id_token_count || ' of ' || repeated_token_count || ' consent tokens that were seen more than once carry several ids'" -%}
    {%- set spans = percent('spanning_user_share') ~ " || ' of users with several events span countries; ids dealt out at random would give ' || " ~ percent('expected_spanning_user_share') -%}
    case
        when identified_row_count = 0 then 'No event has a USER_ID.'
        when {{ tokens_contradict_ids() }} and {{ users_span_by_chance() }}
            then 'USER_ID does not stand for a person: ' || {{ tokens }} || ', and ' || {{ spans }} || '.'
        when {{ tokens_contradict_ids() }} then 'USER_ID does not stand for a person: ' || {{ tokens }} || '.'
        when {{ users_span_by_chance() }} then 'USER_ID does not stand for a person: ' || {{ spans }} || '.'
        when {{ user_id_verdict() }} = 'holds'
            then 'USER_ID can stand for a person: ' || case when repeated_token_count >= 5 then {{ tokens }} else {{ spans }} end || '.'
        else
            'Whether USER_ID stands for a person cannot be told: ' || repeated_token_count
            || ' consent tokens were seen more than once, and ' || repeated_user_count || ' users have several events.'
    end
{%- endmacro %}

{# `fails` where at least five rows, and a tenth of those with a token, carry one of another company. #}
{% macro payload_verdict() -%}
    case
        when token_row_count < 5 or not others_have_tokens then 'cannot be told'
        when shared_token_row_count >= 5 and shared_token_row_count * 10 >= token_row_count then 'fails'
        else 'holds'
    end
{%- endmacro %}

{% macro payload_sentence() -%}
    {%- set shared = "shared_token_row_count || ' of ' || token_row_count || ' choices with a consent token carry one that another company has, too'" -%}
    case {{ payload_verdict() }}
        when 'fails' then
            'Payloads are recycled: ' || {{ shared }} || '; they are worth '
            || round(cast(effective_token_count as numeric)) || ' different tokens.'
        when 'holds' then 'Payloads are distinct: ' || {{ shared }} || '.'
        else case
            when token_row_count < 5 then 'Whether payloads are distinct cannot be told: fewer than five choices have a consent token.'
            else 'Whether payloads are distinct cannot be told: no other company has consent tokens.'
        end
    end
{%- endmacro %}

{#
  A query: the methods of time to consent whose evidence fails, and why. A token's times are those of
  its payload.
#}
{% macro doubted_methods(evidence) -%}
    select
        company_id,
        case check_name when 'user id is a person' then 'user' else 'token' end as method,
        sentence as doubt
    from {{ evidence }}
    where verdict = 'fails'
{%- endmacro %}

{# Whether a company's payloads are recycled: nothing that rests on them is reliable. #}
{% macro has_recycled_payloads(company_id, evidence) -%}
    {{ company_id }} in (
        select recycled.company_id from {{ evidence }} as recycled
        where recycled.check_name = 'payloads are distinct' and recycled.verdict = 'fails'
    )
{%- endmacro %}

{% macro percent(share) -%}
    round(cast(100 * {{ share }} as numeric), 1) || ' %'
{%- endmacro %}
