{#- Parts of a whole: event types of all events, statuses of all events, statuses of the choices. -#}
{% set wholes = [
    ('event types', 'event_type', 'true'),
    ('all events', 'consent_status', 'true'),
    ('choices', 'consent_status', "event_type = 'consent.given'"),
] -%}

with weighted as (

    select * from {{ ref('int_company_weighted') }}

),

parts as (

    {% for scope, part, rows in wholes %}
    select
        '{{ scope }}' as scope,
        {{ part }} as part,
        company_id,
        weighting,
        is_corrected,
        is_weighting_decided,
        sum(row_count) as row_count,
        sum(weight_sum) as weight_sum,
        sum(weight_square_sum) as weight_square_sum,
        sum(weight_variance) as weight_variance
    from weighted
    where weighting <> 'unweighted' and {{ rows }}
    group by {{ part }}, company_id, weighting, is_corrected, is_weighting_decided
    {%- if not loop.last %} union all {% endif %}
    {% endfor %}

),

wholes as (

    select
        parts.*,
        sum(row_count) over whole as whole_row_count,
        sum(weight_sum) over whole as whole_sum,
        sum(weight_square_sum) over whole as whole_square_sum,
        sum(weight_variance) over whole as whole_variance
    from parts
    window whole as (partition by scope, company_id, weighting)

),

judged as (

    select
        wholes.*,
        weight_sum / nullif(whole_sum, 0) as share,
        {{ effective_sample_size('weight_sum', 'weight_square_sum') }} as effective_sample_size,
        {{ effective_sample_size('whole_sum', 'whole_square_sum') }} as share_effective_sample_size,
        {{ has_enough_rows('row_count') }} as is_reliable,
        {{ has_enough_rows('row_count', 'whole_row_count - row_count') }} as share_is_reliable
    from wholes

)

select
    scope,
    part,
    company_id,
    weighting,
    is_corrected,
    is_weighting_decided,
    cast(row_count as bigint) as row_count,
    weight_sum as event_count,
    {{ if_reliable('is_reliable', count_lower('weight_sum', 'weight_variance')) }} as event_count_lower,
    {{ if_reliable('is_reliable', count_upper('weight_sum', 'weight_variance')) }} as event_count_upper,
    effective_sample_size as event_count_effective_sample_size,
    is_reliable as event_count_is_reliable,
    share as event_share,
    {{ if_reliable('share_is_reliable', share_bound('scope', 'lower')) }} as event_share_lower,
    {{ if_reliable('share_is_reliable', share_bound('scope', 'upper')) }} as event_share_upper,
    share_effective_sample_size as event_share_effective_sample_size,
    share_is_reliable as event_share_is_reliable
from judged
