{% set token = ['company_id', 'token_created_at'] -%}
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_tokens',
        on_schema_change='fail',
        unique_key=token,
        pre_hook=["{{ read_by_index() }}", "{{ forget_token_groups(ref('int_token_groups')) }}"],
        post_hook=["{{ note_token_groups(ref('int_day_loads'), ref('int_token_groups')) }}", "{{ refresh_statistics() }}"],
    )
}}

with
{% if is_incremental() -%}
groups_to_add as (

    {{ token_groups_to_add(ref('int_day_loads'), ref('int_token_groups')) }}

),

lost_groups as (

    {{ token_groups_lost(ref('int_day_loads'), ref('int_token_groups')) }}

),

touched as (

    select
        events.company_id,
        events.token_created_at
    from {{ ref('fct_events') }} as events
    inner join groups_to_add
        on {{ same_group('events', 'groups_to_add', ['company_id', 'event_date', '_dlt_load_id']) }}
    where events.event_type = 'consent.given'
        and {{ is_of_loads('events._dlt_load_id', 'groups_to_add') }}
    union
    select
        stored.company_id,
        stored.token_created_at
    from {{ this }} as stored
    where {{ may_have_lost_choices('stored', 'lost_groups') }}
    union
    -- an erasure takes the whole row, and the token may have choices of somebody else
    select
        events.company_id,
        events.token_created_at
    from {{ ref('fct_events') }} as events
    where events.token_created_at is not null
        and {{ is_among('events.company_id', 'company_id', 'lost_groups') }}
        and not exists (
            select 1 from {{ this }} as stored
            where {{ same_group('events', 'stored', token) }}
        )

),

{% endif -%}
choices as (

    select
        events.*,
        {{ is_on_notice('events.action') }} as is_on_notice,
        {{ is_decision('events.consent_status') }} as is_decision,
        coalesce(events.token_updated_at, events.token_created_at) as changed_at
    {% if is_incremental() -%}
    from touched
    -- a look-up for each: Postgres expects many, and would read the choices of all tokens
    cross join lateral (
        select * from {{ ref('fct_events') }} as events
        where {{ same_group('events', 'touched', token) }}
        {{ computed_once() }}
    ) as events
    {%- else -%}
    from {{ ref('fct_events') }} as events
    {%- endif %}
    where events.event_type = 'consent.given'
        and events.token_created_at is not null

),

in_order as (

    select
        choices.*,
        lag(changed_at) over of_token as changed_before,
        lag(consent_status) over of_token as status_before,
        lead(changed_at) over of_token is null as is_latest,
        {{ seconds_between('token_created_at', 'changed_at') }} > {{ first_day_seconds() }} as is_later,
        {{ seconds_between('token_created_at', 'event_at') }} / 86400 as age_days
    from choices
    window of_token as (partition by company_id, token_created_at order by changed_at, event_at, event_id)

),

-- an equal `updated` is the same choice once more; without a choice before it, nobody knows what a
-- later one was: a change or a renewal
judged as (

    select
        *,
        case
            when changed_before = changed_at then 'resent'
            when status_before = consent_status then 'renewal'
            when status_before is not null then 'change'
            when is_later then 'later_choice'
            else 'first_choice'
        end as kind,
        -- on a token's first day the list cannot have grown; with a purpose refused, the rest was chosen
        case
            when consent_status <> 'partial opt-in' then null
            when is_later and coalesce(purposes_disabled_count, 0) = 0 then 'list grew'
            else 'chosen'
        end as partial_kind
    from in_order

)

select
    company_id,
    token_created_at,
    max(changed_at) as last_changed_at,
    min(event_at) as first_choice_at,
    max(event_at) as last_choice_at,
    cast(count(*) as integer) as choice_row_count,
    cast(count(distinct user_id) as integer) as user_count,
    max(consent_status) filter (where is_latest) as consent_status,
    max(action) filter (where is_latest) as action,
    max(partial_kind) filter (where is_latest) as partial_kind,
    max(age_days) filter (where is_latest) as age_days,
    {% for kind in ['first_choice', 'change', 'renewal', 'later_choice'] -%}
    cast(count(*) filter (where kind = '{{ kind }}') as integer) as {{ kind }}_count,
    {% endfor -%}
    cast(count(*) filter (where kind = 'resent') as integer) as resent_row_count,
    {% for name, rows in [
        ('partial', "partial_kind is not null"),
        ('partial_list_grew', "partial_kind = 'list grew'"),
        ('partial_elsewhere', "partial_kind is not null and not is_on_notice"),
        ('first_day_decision', "is_on_notice and is_decision and not is_later"),
        ('first_day_partial', "is_on_notice and partial_kind is not null and not is_later"),
        ('later_decision', "is_on_notice and is_decision and is_later"),
        ('later_partial', "is_on_notice and partial_kind is not null and is_later"),
    ] -%}
    cast(count(*) filter (where {{ rows }}) as integer) as {{ name }}_row_count,
    {% endfor -%}
    {% for months, days in months_in_days().items() -%}
    cast(count(*) filter (where is_on_notice and is_decision and age_days > {{ days }}) as integer) as older_than_{{ months }}_months_row_count,
    {% endfor -%}
    max(age_days) filter (where is_on_notice and is_decision) as oldest_decision_days
from judged
group by company_id, token_created_at
