with pair_days as (

    select * from {{ ref('int_pair_days') }}

)

select
    company_id,
    md5({{ dbt.listagg('group_version', "','", 'order by event_date') }}) as group_version
from pair_days
group by company_id
