{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
        full_refresh=false,
        indexes=[{'columns': ['_dlt_load_id'], 'unique': true}],
    )
}}

-- fct_events writes the rows, in the transaction in which it takes the loads in (incremental/loads.sql).
select
    cast(null as {{ dbt.type_string() }}) as _dlt_load_id,
    {{ dbt.current_timestamp() }} as built_at,
    false as is_checked
from {{ ref('stg_consent__loads') }}
where false
