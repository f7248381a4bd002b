"""The 95 % intervals of the marts against the truth of 200 simulated deliveries (proof/)."""

import pytest

from database.address import Address
from proof import coverage

pytestmark = pytest.mark.campaign
ENOUGH = 2000
METRICS = ("conversion_rate", "event_count", "consent_rate")


@pytest.fixture(scope="module")
def results(
    database: Address, packages: None, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, coverage.Result]:
    folder = tmp_path_factory.mktemp("proof")
    return {
        case: coverage.measure(case, folder / str(number))
        for number, case in enumerate(coverage.CASES)
    }


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("formula", ["assignment", "corrected"])
def test_the_assignments_formula_is_right_where_count_is_1(
    results: dict[str, coverage.Result], metric: str, formula: str
) -> None:
    found = results["COUNT is 1"].coverage(metric, formula)
    assert found.intervals >= ENOUGH
    assert 0.93 <= found.share <= 0.97
    assert found.exact_right == found.exact


@pytest.mark.parametrize("metric", METRICS)
def test_the_corrected_weighting_is_right_as_delivered(
    results: dict[str, coverage.Result], metric: str
) -> None:
    found = results["COUNT is round(1 / RATE)"].coverage(metric, "corrected")
    assert found.intervals >= ENOUGH
    assert 0.93 <= found.share <= 0.97
    assert found.exact_right == found.exact


@pytest.mark.parametrize("metric", ["conversion_rate", "event_count"])
def test_the_assignments_formula_misses_as_delivered(
    results: dict[str, coverage.Result], metric: str
) -> None:
    found = results["COUNT is round(1 / RATE)"].coverage(metric, "assignment")
    assert found.intervals >= ENOUGH
    assert found.share < 0.01


def test_the_diagnosis_says_which_formula_is_right(results: dict[str, coverage.Result]) -> None:
    assert results["COUNT is 1"].verdicts.keys() == {"COUNT / RATE is the weight"}
    assert results["COUNT is round(1 / RATE)"].verdicts.keys() == {"COUNT is already the weight"}


def test_one_over_rate_is_exact_where_count_is_rounded(results: dict[str, coverage.Result]) -> None:
    """COUNT 33 for RATE 0.03 is 1 % low; at this size the intervals hold the truth all the same."""
    delivered = results["COUNT is round(1 / RATE)"]
    assert 0.93 <= delivered.coverage("event_count", "inverse_rate").share <= 0.97
    rounded = delivered.coverage("event_count", "corrected").centre
    assert 0.99 < rounded < delivered.coverage("event_count", "inverse_rate").centre


def test_volumes_are_surer_than_they_should_be_where_whole_users_are_sampled(
    results: dict[str, coverage.Result],
) -> None:
    users = results["COUNT is round(1 / RATE), whole users sampled"]
    assert 0.4 < users.coverage("event_count", "corrected").share < 0.6
    for metric in ("conversion_rate", "consent_rate"):
        assert 0.93 <= users.coverage(metric, "corrected").share <= 0.97


def test_the_table_has_a_line_a_figure(results: dict[str, coverage.Result]) -> None:
    lines = coverage.table(results.values()).splitlines()
    assert len(lines) == 2 + sum(len(result.coverages) for result in results.values())
    assert "“COUNT is already the weight” 2,600 ×" in coverage.sentences(results.values())
