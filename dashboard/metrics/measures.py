"""Metrics of filtered sums (`frames.totals`), with their 95 % intervals.

`conversion`, `consent_rate` and `volume` take the totals and the columns to group by (none: one
group). They return one row per group and formula, with `value`, `lower`, `upper` and `is_reliable`.
The formula is `assignment` (COUNT / RATE) or `corrected` (the weighting that the company's
data supports). `doubt` says why a figure has no interval although it has enough rows: 1 if the
weighting of a company is undecided (corrected figures only), 2 if none of its rows has a RATE.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dashboard.metrics import intervals

FORMULAS = ("assignment", "corrected")
OPT_INS = ("full opt-in", "partial opt-in")
DECISIONS = (*OPT_INS, "opt-out")

Array = Any
Columns = dict[str, Array]
"""Name -> one value per group."""


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
    is_asked = totals.event_type == "consent.asked"
    groups = _Groups(totals[is_asked | (totals.event_type == "consent.given")], by)

    def of(formula: str) -> Columns:
        asked, given = groups.sums(formula, is_asked), groups.sums(formula, ~is_asked)
        bounds = intervals.ratio(given["sum"], given["variance"], asked["sum"], asked["variance"])
        with np.errstate(divide="ignore", invalid="ignore"):
            value = given["sum"] / asked["sum"]
        fewest = np.minimum(asked["row_count"], given["row_count"])
        more = {"asked": asked["sum"], "given": given["sum"], "asked_rows": asked["row_count"]}
        return _columns(value, bounds, fewest, asked["doubt"], more)

    return groups.result(of, "asked_rows")


def consent_rate(totals: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Opt-ins / (opt-ins + opt-outs) of the choices made on the notice; partial is an opt-in."""
    is_decision = totals.consent_status.isin(DECISIONS) & totals.is_on_notice
    is_opt_in = totals.consent_status.isin(OPT_INS)
    groups = _Groups(totals[(totals.event_type == "consent.given") & is_decision], by)

    def of(formula: str) -> Columns:
        opt_ins, opt_outs = groups.sums(formula, is_opt_in), groups.sums(formula, ~is_opt_in)
        decisions = groups.sums(formula)
        value = opt_ins["sum"] / decisions["sum"]
        # Rows of unequal weight carry less information than their number says.
        size = intervals.effective_sample_size(decisions["sum"], decisions["square_sum"])
        fewest = np.minimum(opt_ins["row_count"], opt_outs["row_count"])
        return _columns(value, intervals.wilson(value, size), fewest, decisions["doubt"])

    return groups.result(of)


def volume(totals: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Estimated number of events before sampling, and the `row_count` that it rests on."""
    groups = _Groups(totals, by)

    def of(formula: str) -> Columns:
        found = groups.sums(formula)
        bounds = intervals.count(found["sum"], found["variance"])
        rows = found["row_count"]
        return _columns(found["sum"], bounds, rows, found["doubt"], {"row_count": rows})

    return groups.result(of)


def shares(totals: pd.DataFrame, column: str, by: Sequence[str] = ("company_id",)) -> pd.DataFrame:
    """Events and share of each value of `column` within each group, by the corrected weighting."""
    sums = ["row_count", "corrected_sum"]
    found = totals.groupby([*by, column], as_index=False)[sums].sum()
    whole = found.groupby(list(by))["corrected_sum"].transform("sum")
    found["share"] = found["corrected_sum"] / whole
    return found.rename(columns={"corrected_sum": "event_count"})


class _Groups:
    """Rows in groups; sums of a group by one formula.

    With numpy, since pandas takes milliseconds for each of them, and a filter needs fifty.
    """

    def __init__(self, rows: pd.DataFrame, by: Sequence[str]) -> None:
        self._rows = rows
        self._keys = pd.DataFrame(index=range(min(len(rows), 1)))
        self._code = np.zeros(len(rows), dtype=int)
        if by:
            groups = rows.groupby(list(by), dropna=False)
            self._keys = groups.size().index.to_frame(index=False)
            self._code = groups.ngroup().to_numpy()

    def sums(self, formula: str, kept: pd.Series | None = None) -> Columns:
        """`row_count`, `sum`, `square_sum`, `variance` and `doubt` of each group's kept rows."""
        mask = np.ones(len(self._rows), bool) if kept is None else kept[self._rows.index].to_numpy()
        code = self._code[mask]

        def values(name: str) -> Array:
            # pandas gives a column that holds no value the type object.
            return self._rows[name].to_numpy(float)[mask]

        def total(summands: Array) -> Array:
            return np.bincount(code, np.nan_to_num(summands), len(self._keys))

        variance, doubt = values(f"{formula}_variance"), np.zeros(len(self._keys), int)
        np.maximum.at(doubt, code, values("doubt").astype(int))
        # The variance is missing where no row has a RATE: then nobody knows what was sampled.
        is_known = total(~np.isnan(variance)) > 0
        return {
            "row_count": total(values("row_count")),
            "sum": total(values(f"{formula}_sum")),
            "square_sum": total(values(f"{formula}_square_sum")),
            "variance": np.where(is_known, total(variance), np.nan),
            # An undecided weighting leaves the assignment's formula as it is.
            "doubt": doubt if formula == "corrected" else np.where(doubt > 1, doubt, 0),
        }

    def result(self, of: Callable[[str], Columns], needed: str = "") -> pd.DataFrame:
        """A measure's frame from its columns by formula, for groups where `needed` is not 0."""
        found = {formula: of(formula) for formula in FORMULAS}
        names = found[FORMULAS[0]]
        columns = {name: np.concatenate([found[f][name] for f in FORMULAS]) for name in names}
        size = len(self._keys)
        keys = self._keys.take(np.tile(np.arange(size), len(FORMULAS))).reset_index(drop=True)
        frame = keys.assign(formula=np.repeat(FORMULAS, size), **columns)
        return frame[frame[needed] > 0].reset_index(drop=True) if needed else frame


def _columns(
    value: Array,
    bounds: intervals.Bounds,
    fewest_rows: Array,
    doubt: Array,
    more: Columns | None = None,
) -> Columns:
    """A measure's columns; unreliable where an interval is missing or would rest on few rows."""
    lower, upper = bounds
    is_reliable = (fewest_rows >= intervals.MIN_ROWS) & ~np.isnan(lower) & (doubt == 0)
    return {
        "value": value,
        "is_reliable": is_reliable,
        "doubt": doubt,
        **(more or {}),
        "lower": np.where(is_reliable, lower, np.nan),
        "upper": np.where(is_reliable, upper, np.nan),
    }
