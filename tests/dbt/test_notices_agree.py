"""How notices do, by what they are broken down, against pandas."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from pytest import approx

from sandbox.warehouse import Warehouse
from tests.conftest import OTHER_SAMPLE
from tests.dbt import independent_notices as notices
from tests.dbt import independent_rates as rates

KEY = "company_id, breakdown, value"


@pytest.fixture(scope="module")
def parts(folder: Path) -> dict[notices.Key, pd.DataFrame]:
    return notices.parts(notices.frame(folder))


@pytest.fixture(scope="module")
def used(folder: Path) -> dict[str, tuple[str, bool]]:
    return rates.weightings(rates.frame(folder))


def test_counts(
    built: Warehouse,
    parts: dict[notices.Key, pd.DataFrame],
    used: dict[str, tuple[str, bool]],
) -> None:
    names = list(notices.sides(next(iter(parts.values()))))
    columns = ", ".join(f"{name}_row_count, {name}_count" for name in names)
    rows = {
        row[:3]: row[3:]
        for row in built.rows(f"select {KEY}, {columns} from marts.notice_performance")
    }  # noqa: E501
    assert rows.keys() == parts.keys()
    for key, found in rows.items():
        weighting, _ = used[key[0]]
        wanted = [
            figure
            for side in notices.sides(parts[key]).values()
            for figure in (len(side), side[weighting].sum())
        ]
        assert list(found) == approx(wanted), key


def test_rates(
    built: Warehouse,
    parts: dict[notices.Key, pd.DataFrame],
    used: dict[str, tuple[str, bool]],
) -> None:
    for name in notices.figures(next(iter(parts.values())), "count"):
        rows = built.rows(
            f"select {KEY}, {name}, {name}_lower, {name}_upper, {name}_effective_sample_size,"
            f" {name}_is_reliable from marts.notice_performance"
        )
        for company, breakdown, value, *found in rows:
            weighting, is_decided = used[company]
            *figures, is_good = notices.figures(parts[company, breakdown, value], weighting)[name]
            assert found[:3] == approx(figures[:3]), (name, company, breakdown, value)
            assert found[4] == (is_good and is_decided)


def test_every_breakdown_adds_up_to_the_company(built: Warehouse) -> None:
    whole = built.rows(
        "select company_id, sum(event_row_count) filter (where event_type = 'consent.asked'),"
        " sum(event_row_count) filter (where event_type = 'consent.given'),"
        " sum(corrected_sum) filter (where event_type = 'consent.given')"
        " from marts.consent_daily group by 1"
    )
    totals = {company: list(figures) for company, *figures in whole}
    rows = built.rows(
        "select company_id, breakdown, sum(notice_row_count), sum(choice_row_count),"
        " sum(choice_count) from marts.notice_performance group by 1, 2"
    )
    assert len(rows) >= 6 * sum(1 for asked, given, _ in totals.values() if asked or given)
    for company, breakdown, *found in rows:
        wanted = [figure or 0 for figure in totals[company]]
        assert [float(figure) for figure in found] == approx(
            [float(figure) for figure in wanted]
        ), breakdown  # noqa: E501


def test_region_scopes(built: Warehouse, folder: Path) -> None:
    expected = notices.region_scopes(notices.frame(folder))
    tail = notices.chi_square_tail(expected.pop("chi_square"), expected.pop("degrees_of_freedom"))
    (found,) = built.rows(
        f"select {', '.join(expected)}, difference_p_value"
        " from marts.region_scope_consent where company_id = 'all'"
    )
    assert list(found[:-1]) == approx(list(expected.values()))
    assert found[-1] == approx(tail, abs=1e-3)


def test_known_figures_of_the_real_delivery(
    sample_input: Path, build: Callable[[Path], Warehouse]
) -> None:
    if OTHER_SAMPLE:
        return
    rate = "round(100 * conversion_rate_on_notice)::int, round(100 * conversion_rate_on_notice_lower)::int, round(100 * conversion_rate_on_notice_upper)::int"  # noqa: E501
    opened = "round(100 * preference_openings_per_notice)::int, round(100 * preference_openings_per_notice_lower)::int, round(100 * preference_openings_per_notice_upper)::int"  # noqa: E501
    clicked = "clicked_opt_in_row_count, clicked_decision_row_count, round(1000 * clicked_consent_rate)::int, round(1000 * clicked_consent_rate_lower)::int, round(1000 * clicked_consent_rate_upper)::int"  # noqa: E501
    mart = "from marts.notice_performance where company_id like"
    built = build(sample_input)
    assert built.rows(
        f"select value, {rate}, refusal_row_count, decision_row_count {mart} 'f921ddae%'"
        " and breakdown = 'position' order by 1"
    ) == [("bottom", 46, 33, 65, 0, 134), ("popup", 68, 49, 96, 9, 205)]
    assert built.rows(f"select {clicked} {mart} 'f921ddae%' and breakdown = 'domain'") == [
        (196, 205, 956, 919, 977)
    ]
    assert built.rows(f"select {opened} {mart} 'da552ba1%' and breakdown = 'domain'") == [
        (27, 20, 37)
    ]
    figures = "inside_consent_rate, outside_consent_rate, inside_standardised_rate, outside_standardised_rate"  # noqa: E501
    (found,) = built.rows(
        f"select {figures}, odds_ratio, odds_ratio_lower, odds_ratio_upper, difference_p_value,"
        " companies_differ from marts.region_scope_consent where company_id = 'all'"
    )
    assert [round(figure, 3) for figure in found[:4]] == [0.785, 0.780, 0.770, 0.816]
    assert [round(figure, 2) for figure in found[4:7]] == [0.76, 0.58, 0.99]
    assert round(found[7], 4) == 0.0002 and found[8]
