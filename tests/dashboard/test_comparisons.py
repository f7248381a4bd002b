"""Differences worked out by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from pytest import approx

from dashboard.metrics import comparisons


def cells(*rows: tuple[str, bool, float, float]) -> pd.DataFrame:
    """(company, is_one, opt-ins, choices), each choice of weight 1."""
    found = []
    for company, is_one, opt_ins, choices in rows:
        found += [(company, is_one, True, opt_ins, opt_ins)]
        found += [(company, is_one, False, choices - opt_ins, choices - opt_ins)]
    columns = ["company_id", "is_one", "is_opt_in", "sum", "square_sum"]
    return pd.DataFrame(found, columns=columns)


def test_a_difference_that_is_only_mix() -> None:
    """50 % in a and 90 % in b, in both groups; 80 of 100 choices of the first group are a's."""
    found = comparisons.two_groups(
        cells(("a", True, 40, 80), ("b", True, 18, 20), ("a", False, 10, 20), ("b", False, 72, 80))
    )
    assert found is not None
    assert [found.one, found.other] == approx([0.58, 0.82])
    assert found.crude.value == approx(-0.24)
    assert [found.within.value, found.companies] == approx([0, 2])


def test_a_difference_within_companies() -> None:
    """60 against 40 of 100: √(0.2401·2/100) with two rows added on each side, 61/102 and 41/102."""
    found = comparisons.two_groups(cells(("a", True, 60, 100), ("a", False, 40, 100)))
    assert found is not None
    variance = 61 / 102 * 41 / 102 / 100
    assert [found.within.value, found.within.error] == approx([0.2, math.sqrt(2 * variance)])
    assert found.within.evidence == approx(0.2 / math.sqrt(2 * variance))
    assert found.crude.value == approx(0.2)


def test_companies_in_one_group_only_say_nothing_about_a_difference_within() -> None:
    found = comparisons.two_groups(cells(("a", True, 50, 100), ("b", False, 90, 100)))
    assert found is not None
    assert [found.crude.value, found.companies] == approx([-0.4, 0])
    assert found.within.evidence == 0


def test_a_group_that_is_too_small() -> None:
    assert comparisons.two_groups(cells(("a", True, 5, 9), ("a", False, 40, 100))) is None


@pytest.mark.parametrize(
    ("values", "variances", "evidence"),
    [
        ([0.3, 0.3, 0.3], [1, 2, 3], 0),
        ([0.0, 1.0], [0.5, 0.5], math.sqrt(2 / 9)),  # Q = 1 with one degree of freedom
        ([0.4], [0.1], 0),
    ],
)
def test_heterogeneity(values: list[float], variances: list[float], evidence: float) -> None:
    assert comparisons.heterogeneity(values, variances) == approx(evidence)


def test_ratio_of_medians() -> None:
    """Twice as long in each of two companies; the logs' quartiles are ln 4 apart on all sides."""
    short = np.repeat([1.0, 2.0, 4.0], 12)
    found = comparisons.ratio_of_medians([(2 * short, short), (6 * short, 3 * short)])
    assert found.value == approx(math.log(2))
    of_one = math.sqrt(math.pi / 2) / 1.349 * math.log(4) / 6
    assert found.error == approx(of_one)  # √2 of two medians, √½ of two companies
    assert comparisons.ratio_of_medians([(short[:9], short)]).evidence == 0
