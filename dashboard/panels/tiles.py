"""The headline figures, and the sentence about the weighting."""

from __future__ import annotations

import math

import pandas as pd

from dashboard.metrics import measures
from dashboard.panels import time_panels
from dashboard.panels.panel import Tile
from dashboard.panels.selection import Selection
from dashboard.queries.marts import NotBuiltError
from dashboard.text import weighting_sentence
from dashboard.text.formatting import MISSING, NO_BREAK, interval, number, percent


def tiles(selection: Selection) -> list[Tile]:
    """Conversion, corrected and by the assignment's formula, side by side; then the others."""
    totals = selection.totals
    rates = measures.conversion(totals)
    consent = measures.consent_rate(totals)
    volume = measures.volume(totals)
    corrected, assignment = (
        measures.estimate(volume, f).value for f in ("corrected", "assignment")
    )
    countries = totals.loc[totals.country_code != "unknown", "country_code"].nunique()
    try:
        time, rests_on = time_panels.headline(selection)
    except NotBuiltError:
        time, rests_on = MISSING, "not built yet"
    return [
        _rate("Conversion, corrected", "choices per notice", rates, "corrected"),
        _rate("Conversion, assignment", "choices per notice, COUNT / RATE", rates, "assignment"),
        _rate("Consent rate", "opt-ins among decisions", consent, "corrected"),
        Tile(
            "Events",
            number(corrected),
            f"from {totals.row_count.sum():,.0f} rows; {number(assignment)} by COUNT / RATE",
        ),
        Tile("Time to consent", time, rests_on),
        Tile("Reach", f"{countries:,}", "countries with at least one event"),
    ]


def weighting(companies: pd.DataFrame) -> str:
    """One sentence: which weighting the deliveries of these companies support."""
    return weighting_sentence.weighting(companies.weighting_verdict)


def _rate(label: str, what: str, found: pd.DataFrame, formula: str) -> Tile:
    """A tile with a rate and its interval."""
    rate = measures.estimate(found, formula)
    if math.isnan(rate.value):
        return Tile(label, MISSING, f"{what}: none here", formula)
    name = f"95{NO_BREAK}% interval " if rate.is_reliable else ""
    detail = f"{what}; {name}{interval(rate.lower, rate.upper)}"
    return Tile(label, percent(rate.value), detail, formula)
