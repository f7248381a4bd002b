"""The plan of a test on both inputs: the smallest arm with 80 % power is searched for."""

from pathlib import Path
from statistics import NormalDist

from pytest import approx

from sandbox.warehouse import Warehouse
from tests.dbt import independent_hours
from tests.dbt import independent_rates as rates

NORMAL = NormalDist()


def power(p: float, q: float, rows: int) -> float:
    """Chance to find that p became q with so many rows per arm."""
    error = ((p * (1 - p) + q * (1 - q)) / rows) ** 0.5
    return NORMAL.cdf((q - p) / error - NORMAL.inv_cdf(0.975))


def smallest(p: float, q: float) -> int:
    """The smallest arm with 80 % power, by bisection."""
    low, high = 1, 10_000_000
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if power(p, q, middle) >= 0.8 else (middle + 1, high)
    return low


def test_choices_notices_and_hours(built: Warehouse, folder: Path) -> None:
    events = rates.frame(folder)
    used = rates.weightings(events)
    observed = independent_hours.hours(independent_hours.frame(folder)).groupby("company").size()
    rows = built.rows(
        "select company_id, lift_points, choice_row_count_per_arm, choice_count, notice_count,"
        " hours, obstacle from marts.sample_size_plan"
    )
    assert len(rows) == 3 * events.company.nunique()
    planned = 0
    for company, points, per_arm, choices, notices, hours, obstacle in rows:
        own = events[events.company == company]
        weighting, decided = used[company]
        rate, _, _, size, good = rates.metric(own, "consent_rate", weighting)
        if rate is None or not (good and decided) or rate + points / 100 >= 1:
            assert obstacle and (per_arm, choices, notices, hours) == (None,) * 4
            continue
        assert obstacle is None and size is not None
        decisions = own[
            (own.type == "consent.given")
            & ~own.action.isin(["external", "webview"])
            & own.status.isin(["full opt-in", "partial opt-in", "opt-out"])
        ][weighting].sum()
        shown = own[own.type == "consent.asked"][weighting].sum()
        assert per_arm == smallest(rate, rate + points / 100)
        assert choices == approx(2 * per_arm * decisions / size)
        assert notices == (approx(choices * shown / decisions) if shown else None)
        assert hours == approx(choices / (decisions / observed[company]))
        planned += 1
    assert planned > 20
    assert smallest(0.75, 0.77) == 7155
