"""How all charts look: Okabe and Ito's colours, which colour-blind people can tell apart."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILLION, PURPLE, GREY = "#0072B2", "#D55E00", "#CC79A7", "#8C8C8C"

READINGS = {"brief": ORANGE, "diagnosed": BLUE}
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
HEAT = ["#FFF7E0", "#F6C65B", "#E08214", "#A6480A", "#4A1C02"]
"""Light to dark: read by lightness alone."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"


def values(frame: pd.DataFrame) -> alt.Data:
    """A frame as inline data: nothing is left for a browser to fetch."""
    clean = frame.astype(object).where(frame.notna(), None)
    return alt.Data(values=[_plain(row) for row in clean.to_dict("records")])


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {str(k): v.isoformat() if hasattr(v, "isoformat") else v for k, v in row.items()}


def colours(chosen: dict[str, str], present: pd.Series) -> alt.Scale:
    """A scale of fixed colours: the same thing has the same one, whatever the filter leaves."""
    kept = [name for name in chosen if name in set(present)]
    kept += sorted(set(present) - set(chosen))
    return alt.Scale(domain=kept, range=[chosen.get(name, GREY) for name in kept])


def config(dark: bool = False) -> dict[str, Any]:
    """Vega-Lite's configuration on light or dark paper."""
    ink, faint, line = ("#E6E8EB", "#A9B0B8", "#353B43") if dark else ("#1F2933", "#52606D", "#E4E7EB")
    axis = {
        "labelColor": faint, "titleColor": faint, "gridColor": line, "domainColor": line,
        "tickColor": line, "labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal",
        "titlePadding": 8, "labelLimit": 190,
    }  # fmt: skip
    text = {"labelColor": ink, "titleColor": faint, "labelFontSize": 11, "titleFontSize": 11}
    return {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "axis": axis,
        "axisY": {"labelColor": ink},
        "legend": {**text, "orient": "top", "titleFontWeight": "normal", "symbolType": "circle",
                   "offset": 4, "labelLimit": 220},
        "header": {**text, "labelFontWeight": 600},
        "text": {"color": ink, "fontSize": 11},
        "rule": {"color": ink},
        "geoshape": {"stroke": "#14181d" if dark else "#FFFFFF"},
    }  # fmt: skip


def finished(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """The chart as a Vega-Lite specification that holds all it shows."""
    with alt.data_transformers.enable("default", max_rows=None):
        spec: dict[str, Any] = chart.to_dict()
    spec.pop("config", None)
    return spec
