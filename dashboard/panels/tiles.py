"""The headline figures, and the sentence about the weighting."""

from __future__ import annotations

import pandas as pd

from dashboard import measures, words
from dashboard.data import NotBuiltError
from dashboard.panels import time
from dashboard.panels.panel import Tile
from dashboard.panels.view import View


def tiles(view: View) -> list[Tile]:
    """Conversion as the brief has it and as diagnosed, side by side; consent rate; volume; reach."""
    totals = view.totals
    rates = measures.conversion(totals).set_index("reading")
    consent = measures.consent_rate(totals).set_index("reading")
    volume = measures.volume(totals).set_index("reading")
    places = totals.loc[totals.country_code != "unknown", "country_code"].nunique()
    rows = totals.row_count.sum()
    return [
        _rate("Conversion, diagnosed", rates, "diagnosed", "choices per notice"),
        _rate("Conversion, brief", rates, "brief", "choices per notice, COUNT / RATE"),
        _rate("Consent rate", consent, "diagnosed", "opt-ins among decisions"),
        Tile(
            "Events",
            words.number(_of(volume, "diagnosed", "value")),
            f"from {rows:,.0f} rows; {words.number(_of(volume, 'brief', 'value'))} as COUNT / RATE",
        ),
        Tile("Time to consent", *_time(view)),
        Tile("Reach", f"{places:,}", "countries with at least one event"),
    ]


def weighting(companies: pd.DataFrame) -> str:
    """One sentence: which weighting the deliveries of these companies really use."""
    decided = companies[companies.is_weighting_decided]
    twice = int((decided.weighting_used == "count").sum())
    total = len(companies)
    open_ones = total - len(decided)
    if not total:
        return "Nothing is loaded, so nothing can be said about the weighting."
    if twice == total:
        return (
            "In every delivery COUNT already is the weight (COUNT = round(1 / RATE)): dividing by "
            "RATE again applies the sampling twice. Read the diagnosed figures."
        )
    if twice == 0 and not open_ones:
        return "COUNT does not contain the sampling in any delivery: the brief's formula holds."
    text = f"For {twice} of {total} companies COUNT already is the weight"
    return text + (f"; for {open_ones} the deliveries do not decide it." if open_ones else ".")


def _rate(label: str, rates: pd.DataFrame, reading: str, what: str) -> Tile:
    if reading not in rates.index:
        return Tile(label, "–", f"{what}: none here", reading)
    row = rates.loc[reading]
    return Tile(label, words.percent(row.value), f"{words.span(row.lower, row.upper)}; {what}", reading)


def _time(view: View) -> tuple[str, str]:
    try:
        return time.headline(view)
    except NotBuiltError:
        return "–", "not built yet"


def _of(frame: pd.DataFrame, reading: str, column: str) -> float | None:
    return None if reading not in frame.index else float(frame.loc[reading, column])
