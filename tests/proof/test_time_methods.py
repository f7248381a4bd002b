"""Times to consent against the true ones of 120 simulated companies (proof/time_methods.py)."""

import pytest

from database.address import Address
from proof import time_methods

pytestmark = pytest.mark.campaign


@pytest.fixture(scope="module")
def results(
    database: Address, packages: None, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], time_methods.Result]:
    folder = tmp_path_factory.mktemp("times")
    measured = (
        time_methods.measure(case, folder / str(n)) for n, case in enumerate(time_methods.CASES)
    )
    return {(result.ids, result.method): result for case in measured for result in case}


@pytest.mark.parametrize("method", ["user", "cohort"])
def test_true_ids_are_credible(
    results: dict[tuple[str, str], time_methods.Result], method: str
) -> None:
    found = results["true", method]
    assert found.enough >= 100
    assert found.credible_share >= 0.9


def test_shuffled_ids_are_not(results: dict[tuple[str, str], time_methods.Result]) -> None:
    found = results["dealt out at random", "user"]
    assert found.enough >= 50
    assert found.credible_share <= 0.05


def test_the_evidence_tells_true_ids_from_shuffled_ones(
    results: dict[tuple[str, str], time_methods.Result],
) -> None:
    assert results["true", "user"].verdicts == {"holds": 120}
    assert results["dealt out at random", "user"].verdicts == {"fails": 120}


def test_corrected_medians_are_near_the_true_ones(
    results: dict[tuple[str, str], time_methods.Result],
) -> None:
    for method, most in (("user", 0.1), ("cohort", 0.1)):
        errors = results["true", method].errors
        assert errors["corrected"] is not None
        assert errors["corrected"].median <= most
    cohort = {name: errors for name, errors in results["true", "cohort"].errors.items() if errors}
    assert cohort["corrected"].median < min(cohort["raw"].median, cohort["ended"].median)


def test_tokens_are_not_credible_where_clocks_are_away(
    results: dict[tuple[str, str], time_methods.Result],
) -> None:
    found = results["true", "token"]
    assert 0.85 <= found.credible_share < 0.95
