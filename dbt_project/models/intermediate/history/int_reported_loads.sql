{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        full_refresh=false,
        indexes=[{'columns': ['company_id', '_dlt_load_id'], 'unique': true}],
    )
}}

with loads as (

    select distinct
        company_id,
        _dlt_load_id
    from {{ ref('int_day_loads') }}

)

select
    loads.company_id,
    loads._dlt_load_id,
    {{ dbt.current_timestamp() }} as seen_at
from loads
{%- if is_incremental() %}
where not exists (
    select 1 from {{ this }} as seen
    where seen.company_id = loads.company_id and seen._dlt_load_id = loads._dlt_load_id
)
{%- endif %}
