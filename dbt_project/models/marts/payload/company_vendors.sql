with companies as (

    select * from {{ ref('dim_companies') }}

),

vendors as (

    select * from {{ ref('iab_vendors') }}

),

items as (

    select
        company_id,
        item_id,
        {{ iab_vendor_id('item_id') }} as tcf_id,
        legal_basis,
        {{ item_sums() }}
    from {{ ref('int_company_items') }}
    where item_type = 'vendor'
    group by company_id, item_id, legal_basis

)

select
    companies.company_id,
    {{ company_columns() }},
    items.item_id as vendor_id,
    -- null: no vendor of IAB's list
    items.tcf_id,
    vendors.vendor_name,
    items.legal_basis,
    {{ item_columns() }}
from items
inner join companies
    on items.company_id = companies.company_id
left join vendors
    on items.tcf_id = vendors.tcf_id
