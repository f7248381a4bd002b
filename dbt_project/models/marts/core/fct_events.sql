{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='event_id',
        on_schema_change='fail',
        indexes=[
            {'columns': ['event_id'], 'unique': true},
            {'columns': ['_dlt_load_id']},
            {'columns': ['company_id', 'event_date', '_dlt_load_id']},
        ],
        post_hook={'sql': "{{ refresh_statistics(vacuum=true) }}", 'transaction': false},
        pre_hook=[
            "{{ read_by_index() }}",
            "{{ forget_other_dataset(ref('stg_consent__loads'), ref('stg_consent__events')) }}",
        ],
    )
}}

with events as (

    select * from {{ ref('int_events_parsed') }}

),

loads as (

    {{ new_loads(ref('stg_consent__loads')) }}

),

new_events as (

    select * from events
    where {{ is_of_loads('_dlt_load_id', 'loads') }}

)

select
    event_id,
    company_id,
    user_id,
    {{ dbt_utils.generate_surrogate_key([
        'company_id', 'domain', 'deployment_id', 'country_code', 'region_code',
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
    token_created_at,
    token_updated_at,
    {% for list in ['purposes', 'purposes_li', 'vendors', 'vendors_li'] -%}
    {{ list }}_listed_count,
    {{ list }}_enabled_count,
    {{ list }}_disabled_count,
    {% endfor -%}
    experiment,
    sdk_type,
    domain,
    deployment_id,
    country_code,
    region_code,
    browser_family,
    device_type,
    reported_count,
    sampling_rate,
    is_rate_missing,
    {{ weight('count_over_rate') }} as extrapolated_count,
    _source_file,
    _dlt_load_id
from new_events
