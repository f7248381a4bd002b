"""The trend by day and hour on both inputs, against the independent calculation."""

from pathlib import Path

from pytest import approx

from sandbox.warehouse import Warehouse
from tests.conftest import OTHER_SAMPLE, SAMPLE
from tests.dbt import independent_rates as rates
from tests.dbt import independent_trend


def test_rates_changes_and_alerts(built: Warehouse, folder: Path) -> None:
    expected = independent_trend.trend(rates.frame(folder))
    rows = built.rows(
        "select company_id, metric, period_start, part_row_count, base_row_count, metric_value,"
        " metric_lower, metric_upper, is_reliable, value_change, country_mix_change,"
        " device_mix_change, notice_mix_change, p_value, is_alert from marts.consent_trend"
    )
    assert {row[:3] for row in rows} == {(c, m, start) for c, m, start in expected}
    for company, metric, start, *found in rows:
        figure = expected[company, metric, start]
        numbers = [
            figure["value"],
            *figure["bounds"],
            *(figure.get(name) for name in ("change", "region", "device_group", "notice", "p")),
        ]
        assert (found[0], found[1], found[5], found[11]) == (
            *figure["rows"],
            figure["is_reliable"],
            figure["is_alert"],
        ), (company, metric, start)
        assert [*found[2:5], *found[6:11]] == [
            None if number is None else approx(number, rel=1e-6, abs=1e-12) for number in numbers
        ], (company, metric, start)


def test_mix_and_rate_add_up_to_the_change(built: Warehouse) -> None:
    [(off,)] = built.rows(
        "select max(greatest("
        " abs(country_mix_change + country_rate_change - value_change),"
        " abs(device_mix_change + device_rate_change - value_change),"
        " abs(notice_mix_change + notice_rate_change - value_change)))"
        " from marts.consent_trend"
    )
    assert off < 1e-12


def test_a_weekend_of_the_real_delivery(built: Warehouse, folder: Path) -> None:
    """Consent 60 of 69 on Saturday, 44 of 70 on Sunday: −1.4 points of mix, −22.7 of rate."""
    if folder != SAMPLE or OTHER_SAMPLE:
        return
    [(rows, base, mix, rate)] = built.rows(
        "select part_row_count, base_row_count, country_mix_change, country_rate_change"
        " from marts.consent_trend where company_id like '5f67fa3a%'"
        " and metric = 'consent_rate' and period_start = '2025-09-07 00:00:00+00'"
    )
    assert (rows, base) == (44, 70)
    assert (mix, rate) == (approx(-0.0144, abs=5e-5), approx(-0.2266, abs=5e-5))
