with companies as (

    select * from {{ ref('dim_companies') }}

),

vendors as (

    select * from {{ ref('iab_vendors') }}

),

items as (

    select
        *,
        {{ iab_vendor_id('item_id') }} as tcf_id
    from {{ ref('int_company_items') }}
    where item_type = 'vendor'

),

-- Shares within the choices, and the choices that enable it per notice that shows it: a ratio of two
-- types of event. A ratio is worth as many rows as the weaker of its sides.
rates as (

    select
        items.*,

        -- on the notice, by the assignment's weights
        assignment_enabled_sum / nullif(assignment_enabled_sum + assignment_disabled_sum, 0) as enabled_rate,
        {{ effective_sample_size(
            'assignment_enabled_sum + assignment_disabled_sum',
            'assignment_enabled_square_sum + assignment_disabled_square_sum'
        ) }} as enabled_rate_effective_sample_size,
        not are_payloads_recycled and {{ has_enough_rows('enabled_row_count', 'disabled_row_count') }} as enabled_rate_is_reliable,

        -- on the notice, by the weights that the sampling diagnosis supports
        corrected_enabled_sum / nullif(corrected_enabled_sum + corrected_disabled_sum, 0) as corrected_enabled_rate,
        {{ effective_sample_size(
            'corrected_enabled_sum + corrected_disabled_sum',
            'corrected_enabled_square_sum + corrected_disabled_square_sum'
        ) }} as corrected_enabled_rate_effective_sample_size,

        -- external and webview choices too
        assignment_enabled_everywhere_sum
        / nullif(assignment_enabled_everywhere_sum + assignment_disabled_everywhere_sum, 0) as enabled_rate_everywhere,
        {{ effective_sample_size(
            'assignment_enabled_everywhere_sum + assignment_disabled_everywhere_sum',
            'assignment_enabled_everywhere_square_sum + assignment_disabled_everywhere_square_sum'
        ) }} as enabled_rate_everywhere_effective_sample_size,
        not are_payloads_recycled and {{ has_enough_rows(
            'enabled_everywhere_row_count', 'disabled_everywhere_row_count'
        ) }} as enabled_rate_everywhere_is_reliable,

        -- per notice
        assignment_enabled_sum / nullif(assignment_shown_sum, 0) as enabled_per_shown,
        corrected_enabled_sum / nullif(corrected_shown_sum, 0) as corrected_enabled_per_shown,
        not are_payloads_recycled and {{ has_enough_rows(
            'enabled_row_count', 'shown_row_count', ['assignment_enabled_variance', 'assignment_shown_variance']
        ) }} as enabled_per_shown_is_reliable
    from items

)

select
    companies.company_id,
    {{ company_columns() }},
    rates.item_id as vendor_id,
    -- null: not a vendor of IAB's list
    rates.tcf_id,
    vendors.vendor_name,
    rates.legal_basis,
    {% for name in ['shown', 'enabled', 'disabled', 'enabled_everywhere', 'disabled_everywhere'] -%}
    {{ item_count_columns('rates', name) }},
    {% endfor -%}
    {% for rate, has_interval, is_reliable in [
        ('enabled_rate', 'rates.enabled_rate_is_reliable', 'rates.enabled_rate_is_reliable'),
        (
            'corrected_enabled_rate', 'rates.enabled_rate_is_reliable',
            'rates.enabled_rate_is_reliable and rates.is_weighting_decided',
        ),
        (
            'enabled_rate_everywhere', 'rates.enabled_rate_everywhere_is_reliable',
            'rates.enabled_rate_everywhere_is_reliable',
        ),
    ] -%}
    {%- set size = 'rates.' ~ rate ~ '_effective_sample_size' -%}
    rates.{{ rate }},
    {{ if_reliable(has_interval, wilson_lower('rates.' ~ rate, size)) }} as {{ rate }}_lower,
    {{ if_reliable(has_interval, wilson_upper('rates.' ~ rate, size)) }} as {{ rate }}_upper,
    {{ size }},
    {{ is_reliable }} as {{ rate }}_is_reliable,
    {% endfor -%}
    {% for formula, ratio, is_reliable in [
        ('assignment', 'enabled_per_shown', 'rates.enabled_per_shown_is_reliable'),
        (
            'corrected', 'corrected_enabled_per_shown',
            'rates.enabled_per_shown_is_reliable and rates.is_weighting_decided',
        ),
    ] -%}
    {%- set enabled, shown = 'rates.' ~ formula ~ '_enabled_', 'rates.' ~ formula ~ '_shown_' -%}
    {%- set sides = [enabled ~ 'sum', enabled ~ 'variance', shown ~ 'sum', shown ~ 'variance'] -%}
    rates.{{ ratio }},
    {{ if_reliable('rates.enabled_per_shown_is_reliable', ratio_lower(*sides)) }} as {{ ratio }}_lower,
    {{ if_reliable('rates.enabled_per_shown_is_reliable', ratio_upper(*sides)) }} as {{ ratio }}_upper,
    least(
        {{ effective_sample_size(enabled ~ 'sum', enabled ~ 'square_sum') }},
        {{ effective_sample_size(shown ~ 'sum', shown ~ 'square_sum') }}
    ) as {{ ratio }}_effective_sample_size,
    {{ is_reliable }} as {{ ratio }}_is_reliable,
    {% endfor -%}
    rates.weighting_used
from rates
inner join companies
    on rates.company_id = companies.company_id
left join vendors
    on rates.tcf_id = vendors.tcf_id
