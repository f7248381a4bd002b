with source as (

    select * from {{ source('consent_raw', 'events_quarantine') }}

),

renamed as (

    select
        -- ids
        event_id,
        {{ clean_key('apikey') }} as company_id,

        -- texts
        table_name,
        reason,
        detail,

        -- where the row was
        {{ bounded_text('_source_file') }} as _source_file,
        _source_row,
        _dlt_load_id
    from source

)

select * from renamed
