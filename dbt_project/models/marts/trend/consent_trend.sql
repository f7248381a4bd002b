{% set groupings = {'region': 'country', 'device_type': 'device', 'notice': 'notice'} -%}
{% set ratio = ['part_sum', 'part_square_sum', 'base_sum', 'base_square_sum'] -%}

with companies as (

    select * from {{ ref('dim_companies') }}

),

weightings as (

    select * from {{ ref('int_company_weighting') }}

),

periods as (

    select
        periods.*,
        weightings.weighting_used,
        weightings.is_weighting_decided,
        periods.metric = 'consent_rate' as is_share,
        periods.part_sum / periods.base_sum as metric_value,
        {{ effective_sample_size('periods.part_sum', 'periods.part_square_sum') }} as part_size,
        {{ effective_sample_size('periods.base_sum', 'periods.base_square_sum') }} as base_size
    from {{ ref('int_consent_periods') }} as periods
    inner join weightings
        on periods.company_id = weightings.company_id

),

judged as (

    select
        *,
        1 / part_size + 1 / base_size as relative_variance,
        is_weighting_decided and case
            when is_share then {{ has_enough_rows('part_row_count', 'base_row_count - part_row_count') }}
            else {{ has_enough_rows('part_row_count', 'base_row_count') }}
        end as is_reliable
    from periods

),

compared as (

    select
        *,
        {% for column in ['metric_value', 'base_size', 'relative_variance', 'is_reliable'] -%}
        lag({{ column }}) over (partition by company_id, metric order by period_start) as previous_{{ column }}
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from judged

),

with_z as (

    select
        *,
        case
            when not (is_reliable and previous_is_reliable) then null
            when is_share then {{ share_difference_z('metric_value', 'base_size', 'previous_metric_value', 'previous_base_size') }}
            else {{ ratio_difference_z('metric_value', 'relative_variance', 'previous_metric_value', 'previous_relative_variance') }}
        end as z
    from compared

),

tested as (

    select
        *,
        {{ two_sided_p_value('z') }} as p_value
    from with_z

),

-- tests that were not made come last
ranked as (

    select
        *,
        row_number() over (order by p_value nulls last) as p_value_rank,
        count(p_value) over () as test_count
    from tested

),

discovered as (

    select
        *,
        case when p_value is not null then {{ false_discovery_rate('p_value', 'p_value_rank', 'test_count') }} end as q_value
    from ranked

)

select
    companies.company_id,
    {{ company_columns() }},
    discovered.period,
    discovered.period_start,
    discovered.metric,
    discovered.weighting_used,
    discovered.part_row_count,
    discovered.base_row_count,
    discovered.metric_value,
    case
        when not discovered.is_reliable then null
        when discovered.is_share then {{ wilson_lower('metric_value', 'base_size') }}
        else {{ ratio_lower(*ratio) }}
    end as metric_lower,
    case
        when not discovered.is_reliable then null
        when discovered.is_share then {{ wilson_upper('metric_value', 'base_size') }}
        else {{ ratio_upper(*ratio) }}
    end as metric_upper,
    case when discovered.is_share then discovered.base_size else least(discovered.part_size, discovered.base_size) end as effective_sample_size,
    discovered.is_reliable,
    discovered.previous_period_start,
    discovered.previous_metric_value as previous_value,
    discovered.metric_value - discovered.previous_metric_value as value_change,
    {% for grouping, name in groupings.items() -%}
    discovered.{{ grouping }}_mix as {{ name }}_mix_change,
    discovered.metric_value - discovered.previous_metric_value - discovered.{{ grouping }}_mix as {{ name }}_rate_change,
    {% endfor -%}
    discovered.p_value,
    discovered.q_value,
    coalesce(discovered.q_value <= 0.05, false) as is_alert
from discovered
inner join companies
    on discovered.company_id = companies.company_id
