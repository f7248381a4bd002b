"""Differences and how far they are from chance: rates within companies, medians, many companies.

Every `Difference` has a standard error; its `evidence` is the number of standard errors by which it
is away from no difference.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dashboard.metrics.intervals import Z, effective_sample_size

MIN_SIZE = 10
"""A group with less effective rows is left out of a comparison."""
_MEDIAN_ERROR = math.sqrt(math.pi / 2) / 1.349
"""Standard error of a median from the interquartile range, times √n."""

Array = Any


@dataclass(frozen=True)
class Difference:
    """A difference with its standard error; nan and infinite where nothing can be compared."""

    value: float = float("nan")
    error: float = math.inf

    @property
    def lower(self) -> float:
        """Lower end of the 95 % interval."""
        return self.value - Z * self.error

    @property
    def upper(self) -> float:
        """Upper end of the 95 % interval."""
        return self.value + Z * self.error

    @property
    def evidence(self) -> float:
        """Standard errors away from 0; 0 where nothing can be compared."""
        return abs(self.value) / self.error if self.error < math.inf else 0.0


@dataclass(frozen=True)
class TwoGroups:
    """A rate in two groups of the same companies' choices.

    `one` and `other` are the rates of all choices together, and `crude` their difference. `within`
    is the difference within the companies that have both groups, of which there are `companies`.
    The rest of the crude difference is mix: the companies' shares in the two groups differ. Not
    divided as Kitagawa does: companies with few choices in one group would make that part noise.
    """

    one: float
    other: float
    within: Difference
    crude: Difference
    companies: int


def two_groups(cells: pd.DataFrame) -> TwoGroups | None:
    """Compares two groups of choices; None where one of them is too small.

    Args:
        cells: rows of `company_id`, `is_one`, `is_opt_in`, `sum` (Σw) and `square_sum` (Σw²).
    """
    sides = [_by(cells[cells.is_one == is_one], "company_id") for is_one in (True, False)]
    sizes = [float(effective_sample_size(s["sum"].sum(), s.square_sum.sum())) for s in sides]
    if not all(size >= MIN_SIZE for size in sizes):
        return None
    both = sides[0].merge(sides[1], left_index=True, right_index=True, suffixes=("_1", "_2"))
    one, other = (float((side["sum"] * side.rate).sum() / side["sum"].sum()) for side in sides)
    crude_error = math.hypot(*(_rate_error(p, n) for p, n in zip((one, other), sizes, strict=True)))
    compared = both[(both.size_1 >= MIN_SIZE) & (both.size_2 >= MIN_SIZE)]
    return TwoGroups(
        one,
        other,
        _within(compared),
        Difference(one - other, crude_error),
        len(compared),
    )


def heterogeneity(values: Array, variances: Array) -> float:
    """How far values are from being one and the same (Cochran's Q), in standard errors."""
    values = np.asarray(values, float)
    freedom = len(values) - 1
    if freedom < 1:
        return 0.0
    q = _cochran(values, 1 / np.asarray(variances, float))
    # Wilson and Hilferty: the cube root of a χ² is nearly normal.
    spread = 2 / (9 * freedom)
    return max(float(((q / freedom) ** (1 / 3) - (1 - spread)) / math.sqrt(spread)), 0.0)


def rates_by(cells: pd.DataFrame, column: str) -> pd.DataFrame:
    """`rate`, `size` (effective rows) and `variance` of each value of a column."""
    found = _by(cells, column)
    return found.assign(variance=_rate_error(found.rate, found["size"]) ** 2)


def ratio_of_medians(pairs: Sequence[tuple[Array, Array]]) -> Difference:
    """The log of the ratio median(one) / median(other), within each pair of lags (s), combined.

    Pairs may differ by more than chance (random effects, as DerSimonian and Laird have it).
    """
    found = [
        (_log_median(one), _log_median(other))
        for one, other in pairs
        if min(len(one), len(other)) >= MIN_SIZE
    ]
    if not found:
        return Difference()
    values = np.array([one.value - other.value for one, other in found])
    variances = np.array([one.error**2 + other.error**2 for one, other in found])
    weights = 1 / variances
    q = _cochran(values, weights)
    scale = weights.sum() - (weights**2).sum() / weights.sum()
    between = max((q - (len(values) - 1)) / scale, 0) if len(values) > 1 else 0.0
    weights = 1 / (variances + between)
    return Difference(float((weights * values).sum() / weights.sum()), float(weights.sum() ** -0.5))


def _cochran(values: Array, weights: Array) -> float:
    """Cochran's Q: the weighted squares of what values differ from their weighted mean."""
    mean = (weights * values).sum() / weights.sum()
    return float((weights * (values - mean) ** 2).sum())


def _within(compared: pd.DataFrame) -> Difference:
    """The difference of rates within companies, weighted as Mantel and Haenszel do."""
    if compared.empty:
        return Difference()
    weights = compared.size_1 * compared.size_2 / (compared.size_1 + compared.size_2)
    weights = weights / weights.sum()
    errors = np.hypot(*(_rate_error(compared[f"rate_{i}"], compared[f"size_{i}"]) for i in (1, 2)))
    value = float((weights * (compared.rate_1 - compared.rate_2)).sum())
    return Difference(value, math.sqrt(float((weights**2 * errors**2).sum())))


def _by(cells: pd.DataFrame, column: str) -> pd.DataFrame:
    """Per value of a column: Σw, Σw², the share of opt-ins, and the effective number of rows."""
    sums = ["sum", "square_sum"]
    whole = cells.groupby(column)[sums].sum()
    part = cells[cells.is_opt_in].groupby(column)["sum"].sum().reindex(whole.index).fillna(0)
    size = effective_sample_size(whole["sum"], whole.square_sum)
    return whole.assign(rate=part / whole["sum"], size=size)


def _rate_error(rate: Array, size: Array) -> Array:
    """Standard error of a rate; two rows are added (Agresti), so that 0 and 1 have one."""
    moved = (rate * size + 1) / (size + 2)
    return np.sqrt(moved * (1 - moved) / size)


def _log_median(lags: Array) -> Difference:
    """The log of a median with its standard error."""
    logs = np.log(np.maximum(lags, 0.1))  # 0 s has no logarithm
    quarter, middle, three = np.quantile(logs, (0.25, 0.5, 0.75))
    # Times in whole seconds may agree in half of the rows: a tenth is the least spread.
    return Difference(
        float(middle), _MEDIAN_ERROR * max(float(three - quarter), 0.1) / math.sqrt(len(logs))
    )
