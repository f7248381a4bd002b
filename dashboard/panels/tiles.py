"""The headline figures, and the sentence about the weighting."""

from __future__ import annotations

import pandas as pd

from dashboard import measures, wording, words
from dashboard.data import NotBuiltError
from dashboard.panels import time
from dashboard.panels.panel import Tile
from dashboard.panels.view import View


def tiles(view: View) -> list[Tile]:
    """Conversion diagnosed and as the brief has it, side by side; the other headlines."""
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
    return wording.weighting(len(companies), twice, len(companies) - len(decided))


def _rate(label: str, rates: pd.DataFrame, reading: str, what: str) -> Tile:
    if reading not in rates.index:
        return Tile(label, "–", f"{what}: none here", reading)
    row = rates.loc[reading]
    interval = words.span(row.lower, row.upper)
    if row.is_reliable:
        interval = f"95{words.GAP}% interval {interval}"
    return Tile(label, words.percent(row.value), f"{what}; {interval}", reading)


def _time(view: View) -> tuple[str, str]:
    try:
        return time.headline(view)
    except NotBuiltError:
        return "–", "not built yet"


def _of(frame: pd.DataFrame, reading: str, column: str) -> float | None:
    return None if reading not in frame.index else float(frame.loc[reading, column])
