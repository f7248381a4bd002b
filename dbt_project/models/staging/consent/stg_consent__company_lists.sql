with source as (

    select * from {{ source('consent_raw', 'company_lists') }}

),

renamed as (

    select
        {{ bounded_text('path') }} as file_path,
        {{ clean_key('public_api_key') }} as company_id
    from source

)

select * from renamed
