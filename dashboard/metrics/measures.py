"""Metrics of filtered sums (`frames.totals`), with their 95 % intervals.

`conversion`, `consent_rate` and `volume` take the totals and the columns to group by (none: one
group). They return one row per group and formula, with `value`, `lower`, `upper` and `is_reliable`.
The formula is `assignment` (COUNT / RATE) or `corrected` (the weighting that the company's
data supports). `doubt` says why a figure has no interval although it has enough rows: 1 if the
weighting of a company is undecided (corrected figures only), 2 if none of its rows has a RATE.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dashboard.metrics import intervals

FORMULAS = ("assignment", "corrected")
OPT_INS = ("full opt-in", "partial opt-in")
DECISIONS = (*OPT_INS, "opt-out")
_SUMS = ("sum", "square_sum", "variance")


@dataclass(frozen=True)
class Estimate:
    """One figure and its interval; nan where there is none."""

    value: float = float("nan")
    lower: float = float("nan")
    upper: float = float("nan")
    is_reliable: bool = False
    doubt: int = 0


def estimate(found: pd.DataFrame, formula: str) -> Estimate:
    """The figure by one formula, from the result of a measure without groups."""
    for row in found[found.formula == formula].itertuples():
        found_here: Any = row
        names = ("value", "lower", "upper", "is_reliable", "doubt")
        return Estimate(*(getattr(found_here, name) for name in names))
    return Estimate()


def conversion(totals: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """consent.given / consent.asked; groups in which nothing was asked are left out."""
    asked = _sums(totals[totals.event_type == "consent.asked"], by)
    given = _sums(totals[totals.event_type == "consent.given"], by).reindex(asked.index)
    given = given.fillna({name: 0 for name in given if name != "variance"})
    bounds = intervals.ratio(given["sum"], given.variance, asked["sum"], asked.variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = given["sum"] / asked["sum"]
    return _result(
        value,
        bounds,
        (asked.row_count, given.row_count),
        asked.doubt,
        asked=asked["sum"],
        given=given["sum"],
        asked_rows=asked.row_count,
    )


def consent_rate(totals: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Opt-ins / (opt-ins + opt-outs) of the choices made on the notice; partial is an opt-in."""
    kept = totals[
        (totals.event_type == "consent.given")
        & totals.is_on_notice
        & totals.consent_status.isin(DECISIONS)
    ]
    decisions = _sums(kept, by)
    opt_ins = _sums(kept[kept.consent_status.isin(OPT_INS)], by).reindex(decisions.index).fillna(0)
    value = opt_ins["sum"] / decisions["sum"]
    # Rows of unequal weight carry less information than their number says.
    size = intervals.effective_sample_size(decisions["sum"], decisions.square_sum)
    opt_out_rows = decisions.row_count - opt_ins.row_count
    row_counts = (opt_ins.row_count, opt_out_rows)
    return _result(value, intervals.wilson(value, size), row_counts, decisions.doubt)


def volume(totals: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Estimated number of events before sampling, and the `row_count` that it rests on."""
    found = _sums(totals, by)
    bounds = intervals.count(found["sum"], found.variance)
    row_counts = (found.row_count,)
    return _result(found["sum"], bounds, row_counts, found.doubt, row_count=found.row_count)


def shares(totals: pd.DataFrame, column: str, by: Sequence[str] = ("company_id",)) -> pd.DataFrame:
    """Events and share of each value of `column` within each group, by the corrected weighting."""
    sums = ["row_count", "corrected_sum"]
    found = totals.groupby([*by, column], as_index=False)[sums].sum()
    whole = found.groupby(list(by))["corrected_sum"].transform("sum")
    found["share"] = found["corrected_sum"] / whole
    return found.rename(columns={"corrected_sum": "event_count"})


def _sums(rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Sums by both formulas, one below the other; the index is the groups and the formula."""
    formulas = []
    for formula in FORMULAS:
        names = {f"{formula}_{name}": name for name in _SUMS}
        kept = rows[[*by, "row_count", "doubt", *names]].rename(columns=names)
        # An undecided weighting leaves the assignment's formula as it is.
        doubt = kept.doubt if formula == "corrected" else kept.doubt.where(kept.doubt > 1, 0)
        # pandas gives a column that holds no value the type object.
        variance = kept.variance.astype(float)
        formulas.append(kept.assign(formula=formula, doubt=doubt, variance=variance))
    found = pd.concat(formulas).groupby([*by, "formula"], dropna=False)
    sums = {"row_count": "sum", **dict.fromkeys(_SUMS, "sum"), "doubt": "max"}
    # The variance is missing where no row has a RATE: then nobody knows what was sampled.
    return found.agg(sums).assign(variance=found.variance.sum(min_count=1))


def _result(
    value: pd.Series,
    bounds: intervals.Bounds,
    row_counts: Sequence[pd.Series],
    doubt: pd.Series,
    **more: pd.Series,
) -> pd.DataFrame:
    """A measure's frame; unreliable where an interval is missing or would rest on too few rows."""
    lower, upper = bounds
    fewest = pd.concat(row_counts, axis=1).min(axis=1, skipna=False)
    is_reliable = (fewest >= intervals.MIN_ROWS) & pd.Series(lower).notna() & (doubt == 0)
    frame = pd.DataFrame({"value": value, "is_reliable": is_reliable, "doubt": doubt, **more})
    frame["lower"] = pd.Series(lower).where(is_reliable)
    frame["upper"] = pd.Series(upper).where(is_reliable)
    return frame.reset_index()
