-- A row here is a share that is none. tests/dbt/test_checks.py says that no mart is forgotten.
{% set shares = {
    'company_consent_status': ['event_row_share', 'event_share', 'corrected_event_share'],
    'company_event_types': ['event_row_share', 'event_share', 'corrected_event_share'],
    'company_overview': ['full_opt_in_share', 'partial_opt_in_share', 'opt_out_share', 'empty_share'],
    'company_tokens': ['first_day_partial_share', 'later_partial_share', 'older_than_6_months_share'],
    'company_traffic_consent': ['opt_in_share', 'opt_out_share', 'none_share', 'gcm_error_share'],
    'company_time_to_consent': ['pair_share', 'timely_share'],
    'company_time_to_consent_by_status': ['timely_share'],
    'consent_status_reconciliation': ['event_share', 'company_agreement_share'],
    'data_quality': ['affected_share'],
    'evidence_checks': ['spanning_user_share', 'expected_spanning_user_share', 'shared_token_row_share'],
    'purpose_compliance': ['listed_share'],
    'refusal_integrity': ['legitimate_interest_share'],
    'sampling_diagnosis': ['matching_row_share', 'missing_rate_row_share'],
} %}
with marts as (

    {% for mart, columns in shares.items() %}
    {%- for column in columns %}
    select
        '{{ mart }}' as mart,
        '{{ column }}' as share_name,
        min({{ column }}) as smallest_share,
        max({{ column }}) as largest_share
    from {{ ref(mart) }}
    {%- if not loop.last %} union all {% endif %}
    {%- endfor %}
    {%- if not loop.last %} union all {% endif %}
    {%- endfor %}

)

-- sums of weights are rounded in the last digits
select *
from marts
where smallest_share < -1e-9 or largest_share > 1 + 1e-9
