"""The headline figures, and the sentence about the weighting."""

from __future__ import annotations

import pandas as pd

from dashboard import measures, wording, words
from dashboard.data import NotBuiltError
from dashboard.panels import time
from dashboard.panels.panel import Tile
from dashboard.panels.view import View


def tiles(view: View) -> list[Tile]:
    """Conversion corrected and as the assignment has it, side by side; the other headlines."""
    totals = view.totals
    rates = measures.conversion(totals).set_index("formula")
    consent = measures.consent_rate(totals).set_index("formula")
    volume = measures.volume(totals).set_index("formula")
    places = totals.loc[totals.country_code != "unknown", "country_code"].nunique()
    rows = totals.row_count.sum()
    return [
        _rate("Conversion, corrected", rates, "corrected", "choices per notice"),
        _rate("Conversion, assignment", rates, "assignment", "choices per notice, COUNT / RATE"),
        _rate("Consent rate", consent, "corrected", "opt-ins among decisions"),
        Tile(
            "Events",
            words.number(_of(volume, "corrected", "value")),
            f"from {rows:,.0f} rows; "
            f"{words.number(_of(volume, 'assignment', 'value'))} by COUNT / RATE",
        ),
        Tile("Time to consent", *_time(view)),
        Tile("Reach", f"{places:,}", "countries with at least one event"),
    ]


def weighting(companies: pd.DataFrame) -> str:
    """One sentence: which weighting the deliveries of these companies really use."""
    decided = companies[companies.is_weighting_decided]
    twice = int((decided.weighting_used == "count").sum())
    return wording.weighting(len(companies), twice, len(companies) - len(decided))


def _rate(label: str, rates: pd.DataFrame, formula: str, what: str) -> Tile:
    if formula not in rates.index:
        return Tile(label, "–", f"{what}: none here", formula)
    row = rates.loc[formula]
    interval = words.span(row.lower, row.upper)
    if row.is_reliable:
        interval = f"95{words.GAP}% interval {interval}"
    return Tile(label, words.percent(row.value), f"{what}; {interval}", formula)


def _time(view: View) -> tuple[str, str]:
    try:
        return time.headline(view)
    except NotBuiltError:
        return "–", "not built yet"


def _of(frame: pd.DataFrame, formula: str, column: str) -> float | None:
    return None if formula not in frame.index else float(frame.loc[formula, column])
