{#
  consent_tokens has one row per token, and the choices of a token may come with several loads, so it
  cannot be kept by the groups of int_day_loads. int_token_groups lists those whose choices it has
  taken in, and is written in the same transaction. A build computes the tokens again that a group
  may have touched: a group is new, or it has lost choices since (to a newer load, an erasure or age).
#}

{# Groups that consent_tokens has not taken in. #}
{% macro token_groups_to_add(day_loads, token_groups) -%}
    select current_groups.*
    from {{ day_loads }} as current_groups
    where not exists (
        select 1 from {{ token_groups }} as taken_in
        where {{ same_group('current_groups', 'taken_in', ['company_id', 'event_date', '_dlt_load_id']) }}
    )
{%- endmacro %}

{# Groups that have lost choices since it took them in. #}
{% macro token_groups_lost(day_loads, token_groups) -%}
    select taken_in.*
    from {{ token_groups }} as taken_in
    where not exists (
        select 1 from {{ day_loads }} as current_groups
        where {{ same_group('current_groups', 'taken_in', ['company_id', 'event_date', '_dlt_load_id', 'group_version']) }}
    )
{%- endmacro %}

{# Whether a stored token had choices on the day of such a group: one of them may be lost. #}
{% macro may_have_lost_choices(stored, lost) -%}
    exists (
        select 1 from {{ lost }} as lost
        where lost.company_id = {{ stored }}.company_id
            and lost.event_date between {{ utc_date(stored ~ '.first_choice_at') }} and {{ utc_date(stored ~ '.last_choice_at') }}
    )
{%- endmacro %}

{# Pre-hook: a table that was emptied has taken in no group; without the list, nobody knows which. #}
{% macro forget_token_groups(token_groups) -%}
    {%- if is_incremental() %}
    delete from {{ this }} where not exists (select 1 from {{ token_groups }});
    {%- endif %}
    delete from {{ token_groups }}
    {%- if is_incremental() %}
    where not exists (select 1 from {{ this }})
    {%- endif %}
{%- endmacro %}

{# Post-hook: notes what was taken in. #}
{% macro note_token_groups(day_loads, token_groups) -%}
    {%- set columns = 'company_id, event_date, _dlt_load_id, group_version' -%}
    delete from {{ token_groups }} as noted
    where (noted.company_id, noted.event_date, noted._dlt_load_id, noted.group_version) in (
        select {{ columns }} from ({{ token_groups_lost(day_loads, token_groups) }}) as lost
    );
    insert into {{ token_groups }} ({{ columns }})
    select {{ columns }} from ({{ token_groups_to_add(day_loads, token_groups) }}) as added
{%- endmacro %}

{# The incremental strategy `replace_tokens`: the model computed all tokens that were touched. #}
{% macro get_incremental_replace_tokens_sql(arguments) -%}
    {%- set stored, computed = arguments['target_relation'], arguments['temp_relation'] -%}
    {%- set columns = arguments['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {{ read_in_any_way() }}

    delete from {{ stored }} as stored
    where {{ may_have_lost_choices('stored', '(' ~ token_groups_lost(ref('int_day_loads'), ref('int_token_groups')) ~ ')') }};

    delete from {{ stored }} as stored
    where exists (
        select 1 from {{ computed }} as computed
        where {{ same_group('stored', 'computed', ['company_id', 'token_created_at']) }}
    );

    insert into {{ stored }} ({{ columns }})
    select {{ columns }} from {{ computed }} as computed
{%- endmacro %}
