with companies as (

    select * from {{ ref('dim_companies') }}

),

checks as (

    {% for name, severity, done in quality_checks() %}
    select
        '{{ name }}' as check_name,
        '{{ severity }}' as severity,
        '{{ done }}' as done
    {%- if not loop.last %} union all {% endif %}
    {% endfor %}

),

counted as (

    select * from {{ ref('int_company_quality') }}
    union all
    select * from {{ ref('int_delivery_quality') }}
    union all
    select
        company_id,
        'user id is not a person' as check_name,
        identified_row_count as rows_checked,
        case when verdict = 'fails' then identified_row_count else 0 end as rows_affected
    from {{ ref('evidence_checks') }}
    where check_name = 'user id is a person'
    union all
    select
        company_id,
        'recycled payload' as check_name,
        token_row_count as rows_checked,
        case when verdict = 'fails' then shared_token_row_count else 0 end as rows_affected
    from {{ ref('evidence_checks') }}
    where check_name = 'payloads are distinct'
    union all
    select
        company_id,
        'opted-in web page view that never says full opt-in' as check_name,
        web_opt_in_row_count as rows_checked,
        case when full_opt_in_on_web_verdict = 'fails' then web_opt_in_row_count else 0 end as rows_affected
    from {{ ref('company_traffic_consent') }}
    where deployment_id = 'all'

),

unknown_countries as (

    select
        company_id,
        unknown_country_code,
        sum(event_row_count) as row_count
    from {{ ref('int_quality_daily') }}
    where unknown_country_code is not null
    group by company_id, unknown_country_code

),

ranked as (

    select
        *,
        row_number() over (partition by company_id order by row_count desc, unknown_country_code asc) as frequency_rank
    from unknown_countries

),

named as (

    select
        company_id,
        'country that is not in ISO 3166' as check_name,
        {{ dbt.listagg(
            measure="concat(unknown_country_code, ' (', cast(row_count as text), ')')",
            delimiter_text="', '",
            order_by_clause='order by frequency_rank',
        ) }} as most_frequent_values
    from ranked
    where frequency_rank <= 10
    group by company_id

)

select
    counted.company_id,
    coalesce(companies.industry_detailed, 'Unknown') as industry_detailed,
    coalesce(companies.industry, 'Unknown') as industry,
    coalesce(companies.hq_country, 'Unknown') as hq_country,
    counted.check_name,
    counted.rows_checked,
    counted.rows_affected,
    {{ dbt_utils.safe_divide('cast(counted.rows_affected as double precision)', 'counted.rows_checked') }} as affected_share,
    case when counted.rows_affected = 0 then 'none' else checks.severity end as severity,
    named.most_frequent_values,
    checks.done as what_was_done
from counted
left join checks
    on counted.check_name = checks.check_name
left join companies
    on counted.company_id = companies.company_id
left join named
    on counted.company_id = named.company_id and counted.check_name = named.check_name
where counted.rows_checked > 0
