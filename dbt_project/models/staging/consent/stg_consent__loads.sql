with source as (

    select * from {{ source('consent_raw', '_dlt_loads') }}

),

complete as (

    select
        {{ as_text('load_id') }} as _dlt_load_id,
        inserted_at as loaded_at
    from source
    -- dlt writes the row when a load is complete; rows of other loads are not to be trusted
    where status = 0

)

select * from complete
