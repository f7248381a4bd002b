with companies as (

    select * from {{ ref('dim_companies') }}

),

shared_tokens as (

    select token_created_at
    from {{ ref('consent_tokens') }}
    group by token_created_at
    having count(*) > 1

),

tokens as (

    select
        tokens.*,
        shared_tokens.token_created_at is not null as is_shared
    from {{ ref('consent_tokens') }} as tokens
    left join shared_tokens
        on tokens.token_created_at = shared_tokens.token_created_at

),

of_tokens as (

    select
        company_id,
        count(*) filter (where choice_row_count > 1 and user_count > 0) as repeated_token_count,
        count(*) filter (where choice_row_count > 1 and user_count > 1) as several_id_token_count,
        count(*) as token_count,
        count(*) filter (where is_shared) as shared_token_count,
        sum(choice_row_count) as token_row_count,
        sum(choice_row_count) filter (where is_shared) as shared_token_row_count,
        {{ effective_sample_size('cast(sum(choice_row_count) as double precision)', 'sum(choice_row_count * choice_row_count)') }} as effective_token_count,
        count(*) over () > 1 as others_have_tokens
    from tokens
    group by company_id

),

of_users as (

    select
        company_id,
        sum(identified_row_count) as identified_row_count,
        sum(repeated_user_count) as repeated_user_count,
        sum(spanning_user_count) as spanning_user_count,
        sum(expected_spanning_user_count) / nullif(sum(repeated_user_count), 0) as expected_spanning_user_share
    from {{ ref('int_user_spans') }}
    group by company_id

),

counted as (

    select
        companies.company_id,
        {{ company_columns() }},
        {% for name in [
            'repeated_token_count', 'several_id_token_count', 'token_count', 'shared_token_count',
            'token_row_count', 'shared_token_row_count',
        ] -%}
        cast(coalesce(of_tokens.{{ name }}, 0) as bigint) as {{ name }},
        {% endfor -%}
        {% for name in ['identified_row_count', 'repeated_user_count', 'spanning_user_count'] -%}
        cast(coalesce(of_users.{{ name }}, 0) as bigint) as {{ name }},
        {% endfor -%}
        of_users.expected_spanning_user_share,
        of_tokens.effective_token_count,
        coalesce(of_tokens.others_have_tokens, false) as others_have_tokens
    from companies
    left join of_tokens
        on companies.company_id = of_tokens.company_id
    left join of_users
        on companies.company_id = of_users.company_id

),

with_shares as (

    select
        *,
        {{ row_share_interval('spanning_user_share', 'spanning_user_count', 'repeated_user_count') }},
        {{ row_share_interval('shared_token_row_share', 'shared_token_row_count', 'token_row_count') }}
    from counted

)

{#- Name of the check, its macros, and the columns that are its figures. #}
{% set checks = [
    ('user id is a person', user_id_verdict(), user_id_sentence(), [
        'identified_row_count', 'repeated_token_count', 'several_id_token_count', 'repeated_user_count',
        'spanning_user_count', 'spanning_user_share', 'spanning_user_share_lower', 'spanning_user_share_upper',
        'expected_spanning_user_share',
    ]),
    ('payloads are distinct', payload_verdict(), payload_sentence(), [
        'token_row_count', 'shared_token_row_count', 'shared_token_row_share', 'token_count', 'shared_token_count',
        'effective_token_count',
    ]),
] -%}
{% for check, verdict, sentence, figures in checks -%}
select
    company_id,
    industry_detailed,
    industry,
    hq_country,
    '{{ check }}' as check_name,
    {{ verdict }} as verdict,
    {{ sentence }} as sentence,
    {% for figure in checks[0][3] + checks[1][3] -%}
    {{ figure if figure in figures else 'null' }} as {{ figure }}
    {%- if not loop.last %},{% endif %}
    {% endfor %}
from with_shares
{% if not loop.last -%}
union all
{% endif -%}
{% endfor %}
