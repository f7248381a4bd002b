with source as (

    {% if is_there(source('consent_raw', 'event_changes')) -%}
    select * from {{ source('consent_raw', 'event_changes') }}
    {%- else -%}
    select
        {% for name, type in [
            ('load_id', dbt.type_string()), ('company_id', dbt.type_string()), ('event_date', 'date'),
            ('row_load_id', dbt.type_string()), ('rows_joined', 'bigint'), ('rows_left', 'bigint'),
            ('changed_at', dbt.type_timestamp()),
        ] -%}
        cast(null as {{ type }}) as {{ name }}
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    where false
    {%- endif %}

),

renamed as (

    select
        {{ as_text('load_id') }} as changed_by,
        company_id,
        event_date,
        {{ as_text('row_load_id') }} as _dlt_load_id,
        rows_joined as joined_count,
        rows_left as left_count,
        changed_at
    from source

)

select * from renamed
