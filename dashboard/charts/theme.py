"""How all charts look: Okabe and Ito's colours, which colour-blind people can tell apart."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILLION, PURPLE, GREY = "#0072B2", "#D55E00", "#CC79A7", "#8C8C8C"

BRIGHTER = {BLUE: "#2E93D6"}
"""Colours too dark for dark paper, and what stands for them there."""

FORMULAS = {"assignment": ORANGE, "corrected": BLUE}
STATUSES = {
    "full opt-in": GREEN,
    "partial opt-in": SKY,
    "opt-out": VERMILLION,
    "empty": GREY,
    "unknown": "#C9C9C9",
}
EVENT_TYPES = {
    "pageview": SKY,
    "consent.asked": ORANGE,
    "consent.given": BLUE,
    "ui.action": PURPLE,
}
METHODS = {"user": BLUE, "token": GREEN, "cohort": ORANGE}
HEAT = ["#FFFFD4", "#FED98E", "#FE9929", "#D95F0E", "#993404"]
"""ColorBrewer's YlOrBr, light to dark: read by lightness alone, on light and on dark paper."""

INTERVAL = {"strokeWidth": 3, "opacity": 0.6, "strokeCap": "round"}
"""How an interval is drawn, as a rule behind its point."""
COUNTS = "replace(format(datum.value, '~s'), 'k', ' k')"
"""Vega: a count on a scale, as words.number writes it."""
NARROW = "windowSize()[0] < 560"
"""Vega: whether the screen is a phone's."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"


Spec = dict[str, Any]
"""A Vega-Lite specification that holds all it shows."""


def named(name: str) -> alt.Data:
    """Data that `finished` will put in: Altair walks through what it holds, so it holds nothing."""
    return alt.Data(name=name)


def finished(chart: alt.TopLevelMixin, **frames: pd.DataFrame | list[dict[str, Any]]) -> Spec:
    """The chart as a specification with its frames inside: no browser has to fetch any."""
    spec: Spec = chart.to_dict(validate=False)
    for unwanted in ("config", "$schema"):
        spec.pop(unwanted, None)
    spec["datasets"] = {name: _records(frame) for name, frame in frames.items()}
    return spec


def _records(frame: pd.DataFrame | list[dict[str, Any]]) -> list[dict[str, Any]]:
    if isinstance(frame, list):
        return frame
    rounded = frame.assign(**{n: _rounded(frame[n]) for n in frame.select_dtypes("float")})
    clean = rounded.astype(object).where(frame.notna(), None)
    return [_plain(row) for row in clean.to_dict("records")]


def _rounded(values: pd.Series) -> pd.Series:
    """To six significant digits: no picture shows more, and a browser has less to read."""
    sizes = np.floor(np.log10(values.abs().where(values != 0, 1)))
    return (values * 10 ** (5 - sizes)).round() / 10 ** (5 - sizes)


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(k): v.isoformat() if hasattr(v, "isoformat") else v for k, v in row.items()}


def decades(counts: pd.Series) -> list[float]:
    """Ticks of a log scale: powers of ten, or the ends where there are not two of them."""
    low, high = max(float(counts.min()), 1), max(float(counts.max()), 1)
    powers = [10.0**n for n in range(12) if low <= 10**n <= high]
    return powers if len(powers) > 1 else sorted({low, high})


def colours(chosen: dict[str, str], present: pd.Series) -> alt.Scale:
    """A scale of fixed colours: the same thing has the same one, whatever the filter leaves."""
    kept = [name for name in chosen if name in set(present)]
    kept += sorted(set(present) - set(chosen))
    return alt.Scale(domain=kept, range=[chosen.get(name, GREY) for name in kept])


def formulas() -> alt.Scale:
    """Colours of the assignment's weighting and the corrected one."""
    return alt.Scale(domain=list(FORMULAS), range=list(FORMULAS.values()))


def formula_shapes() -> alt.Scale:
    """The two formulas differ by shape too; same order as their colours, so that legends merge."""
    return alt.Scale(domain=list(FORMULAS), range=["diamond", "circle"])


def config(dark: bool = False) -> dict[str, Any]:
    """Vega-Lite's configuration on light or dark paper."""
    ink, faint, line = (
        ("#E6E8EB", "#A9B0B8", "#353B43") if dark else ("#1F2933", "#52606D", "#E4E7EB")
    )
    small = {"expr": f"{NARROW} ? 10 : 11"}
    axis = {
        "labelColor": faint, "titleColor": faint, "gridColor": line, "domainColor": line,
        "tickColor": line, "labelFontSize": small, "titleFontSize": small,
        "titleFontWeight": "normal", "titlePadding": 8, "labelLimit": 320,
    }  # fmt: skip
    text = {"labelColor": ink, "titleColor": faint, "labelFontSize": 11, "titleFontSize": 11}
    return {
        "background": "transparent",
        "font": FONT,
        "locale": {"number": {"decimal": ".", "thousands": ",", "grouping": [3],
                              "currency": ["", ""], "percent": "\N{NO-BREAK SPACE}%"}},
        "view": {"stroke": None},
        "axis": axis,
        # on a phone the id of a company without its industry
        "axisY": {"labelColor": ink,
                  "labelExpr": f"{NARROW} ? split(datum.label, ' · ')[0] : datum.label"},
        "legend": {**text, "orient": "top", "titleFontWeight": "normal", "symbolType": "circle",
                   "offset": 4, "labelLimit": 220, "titleLimit": 400,
                   "columns": {"expr": f"{NARROW} ? 2 : 4"}, "symbolOpacity": 1},
        "header": {**text, "labelFontWeight": 600},
        "text": {"color": ink, "fontSize": 11},
        "rule": {"color": ink},
        "geoshape": {"stroke": "#14181d" if dark else "#FFFFFF"},
    }  # fmt: skip
