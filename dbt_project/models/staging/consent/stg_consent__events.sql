with source as (

    select * from {{ source('consent_raw', 'events') }}

),

renamed as (

    select
        -- ids
        {{ as_text('event_id') }} as event_id,
        {{ clean_key('apikey') }} as company_id,
        {{ clean_text(column_or_null(source('consent_raw', 'events'), 'user_id')) }} as user_id,
        {{ clean_text('deployment_id') }} as deployment_id,

        -- texts
        {{ bounded_text('lower(trim(type))', 'type') }} as event_type,
        {{ clean_consent_status('consent') }} as consent_status,
        {{ is_older_status('consent') }} as is_older_status,
        {{ clean_text('experiment') }} as experiment,
        {{ clean_text('sdk_type') }} as sdk_type,
        {{ clean_text('domain', 'lower') }} as domain,
        {{ clean_text('country', 'upper') }} as country_code,
        {{ clean_text('region', 'upper') }} as region_code,
        {{ clean_text('browser_family') }} as browser_family,
        {{ clean_text('device_type', 'lower') }} as device_type,
        {{ json_parse('parameters') }} as payload,

        -- numerics
        {{ rounded_rate('rate') }} as sampling_rate,
        rate is null as is_rate_missing,
        coalesce(count, 1) as reported_count,

        -- timestamps
        event_time as event_at,
        {{ utc_date('event_time') }} as event_date,
        window_start as window_start_at,

        -- load
        {{ bounded_text(as_text('_source_file')) }} as _source_file,
        {{ as_text('_dlt_load_id') }} as _dlt_load_id
    from source

)

select * from renamed
