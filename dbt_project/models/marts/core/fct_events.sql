{% set previous_lists = ['purposes', 'vendors'] %}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='event_id',
        on_schema_change='fail',
        meta={'layout': 7},
        indexes=[
            {'columns': ['event_id'], 'unique': true},
            {'columns': ['_dlt_load_id']},
            {'columns': ['company_id', 'event_date', '_dlt_load_id']},
        ],
        post_hook=[
            "{{ index_tokens() }}",
            "{{ note_built_loads(ref('stg_consent__loads'), ref('int_built_loads'), ref('stg_consent__event_changes')) }}",
            {'sql': "{{ refresh_statistics(vacuum=true) }}", 'transaction': false},
        ],
        pre_hook=[
            {'sql': "{{ begin_in_one_snapshot() }}", 'transaction': false},
            "{{ read_by_index() }}",
            "{{ forget_other_dataset(ref('int_built_loads'), ref('stg_consent__events')) }}",
            "{{ forget_built_loads(ref('int_built_loads')) }}",
        ],
    )
}}

with loads as (

    {{ new_loads(ref('stg_consent__loads'), ref('int_built_loads'), ref('stg_consent__event_changes'), waits=is_incremental()) }}

),

new_events as (

    select * from {{ ref('stg_consent__events') }}
    where {{ is_of_loads('_dlt_load_id', 'loads') }}
    {{ computed_once() }}

),

-- The payload is read here and goes no further: what a later model needs of it is a column.
parts_of_payload as (

    select
        new_events.*,
        {% for name in ['action', 'position', 'created', 'updated', 'gcm_error'] -%}
        {{ json_text('payload', [name]) }} as {{ name }}_text,
        {% endfor -%}
        {% for list in previous_lists -%}
        {{ json_part('payload', ['previous_' ~ list, 'enabled']) }} as previous_{{ list }}_enabled,
        {{ json_part('payload', ['previous_' ~ list, 'disabled']) }} as previous_{{ list }}_disabled,
        {% endfor -%}
        {% for list, _, _ in payload_lists() -%}
        {{ json_part('payload', [list]) }} as {{ list }},
        {{ json_part('payload', [list, 'enabled']) }} as {{ list }}_enabled,
        {{ json_part('payload', [list, 'disabled']) }} as {{ list }}_disabled
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from new_events
    {{ computed_once() }}

),

parsed as (

    select
        parts_of_payload.*,
        {{ bounded_text('action_text') }} as action,
        {{ bounded_text('position_text') }} as notice_position,
        {{ bounded_text('gcm_error_text') }} as gcm_error,
        {{ to_the_millisecond(moment_or_null('created_text')) }} as token_created_at,
        {{ moment_or_null('updated_text') }} as token_updated_at,
        {% for list, _, _ in payload_lists() -%}
        {{ json_list_length(list) }} as {{ list }}_listed_count,
        {{ json_list_length(list ~ '_enabled') }} as {{ list }}_enabled_count,
        {{ json_list_length(list ~ '_disabled') }} as {{ list }}_disabled_count,
        {% endfor -%}
        {% for list in previous_lists -%}
        {{ json_list_length('previous_' ~ list ~ '_enabled') }} as previous_{{ list }}_enabled_count,
        {{ json_list_length('previous_' ~ list ~ '_disabled') }} as previous_{{ list }}_disabled_count,
        {% endfor -%}
        {{ payload_lists_id() }} as payload_lists_id,
        {{ iso_country('country_code') }} as iso_country_code
    from parts_of_payload

)

select
    event_id,
    company_id,
    user_id,
    {{ dbt_utils.generate_surrogate_key([
        'company_id', 'domain', 'deployment_id', 'iso_country_code', 'region_code',
        'browser_family', 'device_type', 'sdk_type',
    ]) }} as cohort_id,
    event_type,
    event_at,
    event_date,
    window_start_at,
    consent_status,
    is_older_status,
    action,
    notice_position,
    gcm_error,
    token_created_at,
    token_updated_at,
    {% for list, _, _ in payload_lists() -%}
    {{ list }}_listed_count,
    {{ list }}_enabled_count,
    {{ list }}_disabled_count,
    {% endfor -%}
    payload_lists_id,
    {{ previous_status() }} as previous_status,
    experiment,
    sdk_type,
    domain,
    deployment_id,
    iso_country_code as country_code,
    case when iso_country_code is null then country_code end as unknown_country_code,
    region_code,
    browser_family,
    device_type,
    reported_count,
    sampling_rate,
    is_rate_missing,
    {{ weight('count_over_rate') }} as extrapolated_count,
    _source_file,
    _dlt_load_id
from parsed
