{% set counts = ['event', 'consent_asked', 'consent_given'] -%}

with companies as (

    select * from {{ ref('dim_companies') }}

),

capped as (

    select
        file_path,
        company_id
    from {{ ref('delivery_coverage') }}
    where is_capped

),

-- also the hours in which only other companies of the same file have events
observed as (

    select
        file_hours.company_id,
        file_hours.hour_at,
        count(capped.file_path) > 0 as is_capped
    from {{ ref('int_file_hours') }} as file_hours
    left join capped
        on file_hours._source_file = capped.file_path
        and file_hours.company_id = capped.company_id
    group by file_hours.company_id, file_hours.hour_at

),

assignment as (

    select * from {{ ref('int_company_hours') }}
    where formula = 'assignment'

),

corrected as (

    select * from {{ ref('int_company_hours') }}
    where formula = 'corrected'

)

select
    companies.company_id,
    {{ company_columns() }},
    observed.hour_at,
    {{ utc_date('observed.hour_at') }} as event_date,
    observed.is_capped,
    {% for name in counts -%}
    coalesce(assignment.{{ name }}_row_count, 0) as {{ name }}_row_count,
    {{ hour_count_columns('assignment', name, name ~ '_count') }},
    {{ hour_count_columns('corrected', name, 'corrected_' ~ name ~ '_count') }},
    {% endfor -%}
    count(*) over company as observed_hour_count,
    {{ per_observed_hour('assignment', 'event_count') }},
    {{ per_observed_hour('corrected', 'corrected_event_count') }}
from observed
inner join companies
    on observed.company_id = companies.company_id
left join assignment
    on observed.company_id = assignment.company_id
    and observed.hour_at = assignment.hour_at
left join corrected
    on observed.company_id = corrected.company_id
    and observed.hour_at = corrected.hour_at
window company as (partition by companies.company_id)
