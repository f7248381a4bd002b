with companies as (

    select * from {{ ref('dim_companies') }}

),

purposes as (

    select * from {{ ref('iab_purposes') }}

),

items as (

    select
        company_id,
        item_id,
        legal_basis,
        {{ item_sums() }}
    from {{ ref('int_company_items') }}
    where item_type = 'purpose'
    group by company_id, item_id, legal_basis

)

select
    companies.company_id,
    {{ company_columns() }},
    items.item_id as purpose_id,
    -- null: the company's own purpose
    purposes.tcf_kind,
    purposes.tcf_id,
    purposes.label as purpose_label,
    items.legal_basis,
    {{ item_columns() }}
from items
inner join companies
    on items.company_id = companies.company_id
left join purposes
    on items.item_id = purposes.purpose_name
