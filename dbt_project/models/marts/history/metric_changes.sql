{{ config(meta={'is_report': true}) }}

with companies as (

    select * from {{ ref('dim_companies') }}

),

history as (

    select
        headlines.*,
        dense_rank() over (order by reported_at desc) as report_age
    from {{ ref('headline_history') }} as headlines

),

reports as (

    select
        max(reported_at) filter (where report_age = 1) as reported_at,
        max(reported_at) filter (where report_age = 2) as previous_reported_at
    from history

),

compared as (

    select
        company_id,
        metric,
        {% for side in ['value', 'lower', 'upper'] -%}
        max(metric_{{ side }}) filter (where report_age = 2) as previous_{{ side }},
        {% endfor -%}
        max(metric_value) filter (where report_age = 1) as current_value
    from history
    where report_age <= 2
    group by company_id, metric

),

-- files of the loads that came between the two reports
brought as (

    select distinct
        activity.company_id,
        activity._source_file
    from {{ ref('int_activity_hourly') }} as activity
    inner join {{ ref('int_reported_loads') }} as loads
        on activity.company_id = loads.company_id
        and activity._dlt_load_id = loads._dlt_load_id
    cross join reports
    where loads.seen_at <= reports.reported_at
        and (reports.previous_reported_at is null or loads.seen_at > reports.previous_reported_at)

),

files as (

    select
        company_id,
        count(*) as file_count,
        {{ dbt.listagg('_source_file', "', '", 'order by _source_file') }} as file_paths
    from brought
    group by company_id

)

select
    companies.company_id,
    {{ company_columns() }},
    compared.metric,
    compared.previous_value,
    compared.current_value,
    compared.current_value - compared.previous_value as value_change,
    {{ dbt_utils.safe_divide('compared.current_value - compared.previous_value', 'abs(compared.previous_value)') }} as relative_change,
    case when reports.previous_reported_at is not null then {{ has_moved('compared.previous_value', 'compared.current_value') }} end as has_moved,
    compared.current_value < compared.previous_lower or compared.current_value > compared.previous_upper as is_outside_previous_interval,
    reports.previous_reported_at,
    reports.reported_at,
    coalesce(files.file_count, 0) as file_count,
    files.file_paths
from compared
inner join companies
    on compared.company_id = companies.company_id
cross join reports
left join files
    on compared.company_id = files.company_id
