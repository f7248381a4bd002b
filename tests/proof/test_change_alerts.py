"""False and missed alarms of consent_trend on simulated companies (proof/change_alerts.py)."""

import pytest

from database.address import Address
from proof import change_alerts

pytestmark = pytest.mark.campaign


@pytest.fixture(scope="module")
def results(
    database: Address, packages: None, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, change_alerts.Result]:
    folder = tmp_path_factory.mktemp("alerts")
    return {
        case: change_alerts.measure(case, folder / str(number))
        for number, case in enumerate(change_alerts.CASES)
    }


def test_steady_companies_hardly_ever_alarm(results: dict[str, change_alerts.Result]) -> None:
    for case, found in results.items():
        assert found.families <= 0.05, case
        assert found.below <= 0.06, case
        if case.startswith("steady"):
            assert found.tests > 1000
            assert found.alerts == 0


def test_alerts_are_hardly_ever_false(results: dict[str, change_alerts.Result]) -> None:
    alerts = sum(found.alerts for found in results.values())
    assert sum(found.false_alerts for found in results.values()) <= max(1, 0.1 * alerts)


def test_a_drop_is_found_where_the_choices_suffice(
    results: dict[str, change_alerts.Result],
) -> None:
    found = results["a drop of 10 points, about 800 decisions a day"]
    assert found.found >= 0.8 * found.dropping > 0


def test_intervals_of_a_day_hold_the_truth(results: dict[str, change_alerts.Result]) -> None:
    for case, found in results.items():
        assert 0.93 <= found.covered <= 0.97, case


def test_the_table_has_a_line_for_each_case(results: dict[str, change_alerts.Result]) -> None:
    lines = change_alerts.table(results.values()).splitlines()
    assert len(lines) == 2 + len(results) + 2


def test_a_family_alarms_if_any_of_its_ranks_does() -> None:
    assert change_alerts.discovers([0.9, 0.02, 0.03, 0.0374])  # 0.0374 <= 0.05 * 3 / 4
    assert not change_alerts.discovers([0.9, 0.026, 0.03, 0.0376])
