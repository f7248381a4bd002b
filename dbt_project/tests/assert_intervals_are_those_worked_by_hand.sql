-- The interval macros on numbers that were worked by hand (z = 1.959964); a row here is a macro that
-- says something else. Notices: 20 rows of w = 10 at RATE 0.1, so Σw = 200, Σw² = 2000 and
-- V = 0.9 · 2000 = 1800. Choices: 120 rows of w = 1, all kept, V = 0. Of 100 of these 80 opted in.
{% set expectations = [
    ('effective_sample_size', effective_sample_size('320.0', '2120.0'), 48.301886792, '(200 + 120)² / (2000 + 120)'),
    ('count_lower', count_lower('200.0', '1800.0'), 116.845770539, '200 ∓ 1.959964 · 42.426407'),
    ('count_upper', count_upper('200.0', '1800.0'), 283.154229461, ''),
    ('count_lower of next to nothing', count_lower('1.0', '100.0'), 0, ''),
    ('count_lower of a full log', count_lower('120.0', '0.0'), 120, ''),
    ('ratio_lower', ratio_lower('120.0', '0.0', '200.0', '1800.0'), 0.395898754, '0.6 · exp(∓ 1.959964 · √(0 / 120² + 1800 / 200²)) = 0.6 · exp(∓ 0.415771)'),
    ('ratio_upper', ratio_upper('120.0', '0.0', '200.0', '1800.0'), 0.909323396, ''),
    ('ratio_upper of full logs', ratio_upper('120.0', '0.0', '80.0', '0.0'), 1.5, ''),
    ('wilson_lower', wilson_lower('0.8', '100.0'), 0.711170834, '(0.8 + 0.019207 ∓ 1.959964 · √(0.0016 + 0.000096)) / 1.038415'),
    ('wilson_upper', wilson_upper('0.8', '100.0'), 0.866633067, ''),
    ('wilson_upper of none', wilson_upper('0.0', '50.0'), 0.071347599, 'z² / (n + z²) = 3.841459 / 53.841459'),
    ('wilson_lower of all', wilson_lower('1.0', '48.0'), 0.925899870, 'n / (n + z²) = 48 / 51.841459'),
    ('mixed_share_variance', mixed_share_variance('0.625', '1800.0', '320.0', '1800.0'), 0.002471924, 'notices are 0.625 of all: (0.375² · 1800 + 0.625² · 0) / 320²'),
    ('mixed_share_variance of the rest', mixed_share_variance('0.375', '0.0', '320.0', '1800.0'), 0.002471924, 'choices are 0.375: (0.625² · 0 + 0.375² · 1800) / 320², the same'),
    ('share_lower', share_lower('0.625', '0.002471923828125'), 0.527553637, '0.625 ∓ 1.959964 · 0.049718'),
    ('share_upper', share_upper('0.625', '0.002471923828125'), 0.722446363, ''),
    ('share_upper of nearly all', share_upper('0.99', '0.01'), 1, ''),
] %}
with results as (

    {% for name, actual, expected, working in expectations %}
    select
        '{{ name }}' as macro,
        '{{ working }}' as working,
        cast({{ actual }} as double precision) as actual,
        cast({{ expected }} as double precision) as expected
    {%- if not loop.last %} union all {% endif %}
    {% endfor %}

)

select * from results
where actual is null
    or abs(actual - expected) > 1e-9 * greatest(1, abs(expected))
