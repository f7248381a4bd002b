with events as (

    select * from {{ ref('stg_consent__events') }}

),

-- The payload is read here and goes no further: what a later model needs of it is a column. Postgres
-- does not merge a view that has a CTE into its reader, so staging's cast runs once an event.
parsed as (

    select
        events.*,
        {{ json_text('payload', ['action']) }} as action,
        {{ json_text('payload', ['position']) }} as notice_position,
        {{ moment_or_null(json_text('payload', ['created'])) }} as token_created_at,
        {{ moment_or_null(json_text('payload', ['updated'])) }} as token_updated_at,
        {% for list in ['purposes', 'purposes_li', 'vendors', 'vendors_li'] %}
        {{ json_list_length('payload', [list]) }} as {{ list }}_listed_count,
        {{ json_list_length('payload', [list, 'enabled']) }} as {{ list }}_enabled_count,
        {{ json_list_length('payload', [list, 'disabled']) }} as {{ list }}_disabled_count
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from events

)

select * from parsed
