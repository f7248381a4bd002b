with companies as (

    select * from {{ ref('dim_companies') }}

),

notices as (

    select
        company_id,
        sum(event_row_count) as asked_count,
        sum(identified_row_count) as identified_asked_count
    from {{ ref('int_company_totals') }}
    where event_type = 'consent.asked'
    group by company_id

),

-- in the order in which the headline takes them
methods as (

    select 'user' as method, 1 as preference
    union all
    select 'token' as method, 2 as preference
    union all
    select 'cohort' as method, 3 as preference

)

select
    companies.company_id,
    methods.method,
    methods.preference,
    -- a notice without a user id belongs to no user, a token knows of no notice
    cast(case methods.method
        when 'user' then coalesce(notices.identified_asked_count, 0)
        when 'cohort' then coalesce(notices.asked_count, 0)
    end as bigint) as asked_event_count
from companies
cross join methods
left join notices
    on companies.company_id = notices.company_id
