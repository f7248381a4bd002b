{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        full_refresh=false,
        indexes=[{'columns': ['company_id', 'event_date', '_dlt_load_id'], 'unique': true}],
    )
}}

-- consent_tokens writes the rows, in the transaction in which it takes the groups in (incremental/tokens.sql).
select
    company_id,
    event_date,
    _dlt_load_id,
    group_version
from {{ ref('int_day_loads') }}
where false
