with source as (

    select * from {{ source('consent_raw', 'companies') }}

),

renamed as (

    select
        {{ clean_key('public_api_key') }} as company_id,
        {{ clean_text('industry_back') }} as industry_detailed,
        {{ clean_text('industry_front') }} as industry,
        {{ clean_text('hq_country') }} as hq_country
    from source

)

select * from renamed
