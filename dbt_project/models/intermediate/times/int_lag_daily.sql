{% set keys = ['company_id', 'event_date'] %}
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_groups',
        on_schema_change='fail',
        unique_key=keys,
        groups_of='int_pair_days',
        indexes=[{'columns': keys + ['method', 'consent_status', 'lag_seconds'], 'unique': true}],
        pre_hook="{{ read_by_index() }}",
    )
}}

with days_to_add as (

    {{ groups_to_build(ref('int_pair_days'), keys) }}

),

counted as (

    select
        pairs.company_id,
        pairs.event_date,
        days_to_add.group_version,
        pairs.method,
        pairs.consent_status,
        pairs.lag_seconds,
        {% for name, rows in [
            ('forward', "direction = 'forward'"),
            ('backward', "direction = 'backward'"),
            ('timely', 'clock_gap_seconds <= ' ~ short_lag_seconds()),
        ] -%}
        count(case when {{ rows }} then 1 end) as {{ name }}_count
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_consent_pairs') }} as pairs
    inner join days_to_add
        on {{ same_group('pairs', 'days_to_add', keys + ['group_version']) }}
    group by
        pairs.company_id, pairs.event_date, days_to_add.group_version,
        pairs.method, pairs.consent_status, pairs.lag_seconds

)

select * from counted
