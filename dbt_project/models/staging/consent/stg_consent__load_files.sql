with source as (

    select * from {{ source('consent_raw', 'load_files') }}

),

renamed as (

    select
        -- ids
        {{ bounded_text('path') }} as file_path,
        content_hash,
        load_id as _dlt_load_id,

        -- texts
        table_name,
        format as file_format,
        outcome,
        reason,

        -- numerics
        size_bytes,
        rows_read as read_count,
        rows_new as new_count,
        rows_changed as changed_count,
        rows_unchanged as unchanged_count,
        rows_duplicate as duplicate_count,
        rows_quarantined as quarantined_count,
        rows_erased as erased_count,
        rows_expired as expired_count,
        rows_decoded as decoded_count,

        -- timestamps
        mtime as modified_at,
        first_mtime as first_modified_at,
        first_seen_at,
        started_at,
        finished_at,

        -- flags
        is_current,
        vanished_at is null as is_present
    from source
    -- files that hold no rows, left out by their name
    where outcome <> 'left out'

)

select * from renamed
