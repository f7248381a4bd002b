"""Metrics of filtered sums (`data.totals`), with the intervals of DOMAIN.md section 3.

Each function takes the totals and the columns to group by (none: all together) and returns one row
a group and formula: `assignment` (COUNT / RATE) or `corrected` (the weighting that each company's
sampling diagnosis supports), with `value`, `lower`, `upper` and `is_reliable`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dashboard import intervals

FORMULAS = ("assignment", "corrected")
OPT_INS = ("full opt-in", "partial opt-in")
DECISIONS = (*OPT_INS, "opt-out")
_SUMS = ("sum", "square_sum", "variance")


def conversion(totals: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """consent.given / consent.asked; nan where nothing was asked."""
    asked = _side(totals[totals.event_type == "consent.asked"], by)
    given = _side(totals[totals.event_type == "consent.given"], by).reindex(asked.index)
    given = given.fillna(0)
    bounds = intervals.ratio(given["sum"], given.variance, asked["sum"], asked.variance)
    enough = np.minimum(asked.row_count, given.row_count) >= intervals.ENOUGH_ROWS
    with np.errstate(divide="ignore", invalid="ignore"):
        value = given["sum"] / asked["sum"]
    return _result(
        value, bounds, enough, asked=asked["sum"], given=given["sum"], asked_rows=asked.row_count
    )


def consent_rate(totals: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Opt-ins / (opt-ins + opt-outs) of the choices made on the notice; partial is an opt-in."""
    kept = totals[
        (totals.event_type == "consent.given")
        & totals.is_on_notice
        & totals.consent_status.isin(DECISIONS)
    ]
    base = _side(kept, by)
    part = _side(kept[kept.consent_status.isin(OPT_INS)], by).reindex(base.index).fillna(0)
    value = part["sum"] / base["sum"]
    size = intervals.effective_sample_size(base["sum"], base.square_sum)
    rest = base.row_count - part.row_count
    enough = np.minimum(part.row_count, rest) >= intervals.ENOUGH_ROWS
    return _result(value, intervals.wilson(value, size), enough)


def volume(totals: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Events before sampling, and the `row_count` behind."""
    side = _side(totals, by)
    enough = side.row_count >= intervals.ENOUGH_ROWS
    bounds = intervals.count(side["sum"], side.variance)
    return _result(side["sum"], bounds, enough, row_count=side.row_count)


def parts(totals: pd.DataFrame, part: str, by: Sequence[str] = ("company_id",)) -> pd.DataFrame:
    """Counts and shares of each value of `part` within each group, by the corrected weighting."""
    keys = [*by, part]
    found = totals.groupby(keys, as_index=False)[["row_count", "corrected_sum"]].sum()
    whole = (
        found.groupby(list(by))["corrected_sum"].transform("sum")
        if by
        else found["corrected_sum"].sum()
    )
    found["share"] = found["corrected_sum"] / whole
    return found.rename(columns={"corrected_sum": "event_count"})


def _side(rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Sums of both formulas, one below the other; the index is the groups and the formula."""
    formulas = []
    for formula in FORMULAS:
        names = {f"{formula}_{name}": name for name in _SUMS}
        kept = rows[[*by, "row_count", *names]].rename(columns=names)
        formulas.append(kept.assign(formula=formula))
    return pd.concat(formulas).groupby([*by, "formula"], dropna=False).sum()


def _result(
    value: pd.Series, bounds: intervals.Bounds, enough: pd.Series, **more: pd.Series
) -> pd.DataFrame:
    lower, upper = bounds
    frame = pd.DataFrame({"value": value, "is_reliable": enough & value.notna(), **more})
    frame["lower"] = pd.Series(lower).where(frame.is_reliable)
    frame["upper"] = pd.Series(upper).where(frame.is_reliable)
    return frame.reset_index()
