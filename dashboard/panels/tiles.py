"""The figures of the first screen: the assignment's four metrics over the whole selection."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from dashboard.metrics import consent_times, measures
from dashboard.panels.panel import Tile
from dashboard.panels.selection import Selection
from dashboard.queries.marts import NotBuiltError
from dashboard.text import answers
from dashboard.text.formatting import MISSING, counted, number, percent, seconds


def tiles(selection: Selection) -> list[Tile]:
    """Conversion by both formulas; what is chosen; how fast; how many events from where."""
    totals = selection.totals
    rates = measures.conversion(totals)
    volume = measures.volume(totals)
    corrected, assignment = (
        measures.estimate(volume, f).value for f in ("corrected", "assignment")
    )
    is_of_some = bool(totals.doubt.min() < totals.doubt.max())
    countries = totals.loc[totals.country_code != "unknown", "country_code"].nunique()
    return [
        _conversion("Choices per notice", rates, "corrected", is_of_some=is_of_some),
        _conversion("… by COUNT / RATE", rates, "assignment", is_of_some=is_of_some),
        _choices(selection),
        _time(selection),
        Tile(
            "Events",
            number(assignment),
            f"by COUNT / RATE; {counted(int(totals.row_count.sum()), 'row')}"
            + _unless_same(number(corrected), number(assignment)),
        ),
        Tile("Countries", f"{countries:,}", "with at least one event"),
    ]


def _conversion(label: str, rates: pd.DataFrame, formula: str, *, is_of_some: bool) -> Tile:
    rate = measures.estimate(rates, formula)
    if math.isnan(rate.value):
        return Tile(label, MISSING, "no notice was shown here", formula)
    sure = answers.certainty(
        rate.lower,
        rate.upper,
        is_reliable=rate.is_reliable,
        doubt=rate.doubt,
        is_of_some=is_of_some,
    )
    return Tile(label, percent(rate.value), sure, formula)


def _choices(selection: Selection) -> Tile:
    """The share of choices that accept everything, and the rest."""
    chosen = selection.totals[selection.totals.event_type == "consent.given"]
    label, rows = "Accept everything", int(chosen.row_count.sum())
    if rows == 0:
        return Tile(label, MISSING, "no choice was made here")
    sums = chosen.groupby("consent_status")[["assignment_sum", "corrected_sum"]].sum()
    shares = (sums / sums.sum()).rename(columns=lambda name: name.removesuffix("_sum"))
    words = {"full opt-in": "", "partial opt-in": "in part", "opt-out": "nothing",
             "empty": "no status"}  # fmt: skip
    shares = shares.reindex(list(words), fill_value=0.0)
    full, *rest = [percent(share, 0) for share in shares.assignment]
    parts = [f"{share} {word}" for share, word in zip(rest, list(words.values())[1:], strict=True)]
    few = f"{counted(rows, 'row')}: " if rows < answers.FEW_ROWS else ""
    same = _unless_same(f"{percent(shares.corrected.iloc[0], 0)} everything", f"{full} everything")
    return Tile(label, full, f"{few}{', '.join(parts)}{same}")


def _unless_same(corrected: str, assignment: str) -> str:
    """The corrected figure for the small print, where it is another one."""
    return "" if corrected == assignment else f"; corrected: {corrected}"


def _time(selection: Selection) -> Tile:
    """The mean of the credible times of all companies, each by its best method."""
    label = "Average time to choose"
    try:
        best = consent_times.headlines(selection.pair_summary)
    except NotBuiltError:
        return Tile(label, MISSING, "not built yet")
    if best.empty:
        return Tile(label, MISSING, "not credible: matches may be chance")
    choices = np.concatenate(list(best.choices))
    methods = ", ".join(sorted(set(best.method)))
    of = counted(len(best), "company", "companies")
    detail = f"half within {seconds(float(np.median(choices)))}; {of}, by {methods}"
    return Tile(label, seconds(float(choices.mean())), detail)
