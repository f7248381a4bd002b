"""How all charts look; tests/dashboard/test_colours.py sees them as colour-blind people do."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, cast

import altair as alt
import numpy as np
import pandas as pd

OCHRE, BLUE, PINK, SLATE = "#A86B00", "#0072B2", "#CC79A7", "#5B6B7A"
GREEN, SKY, ORANGE, PALE = "#00664A", "#5B8DEF", "#E0670A", "#E8EBEE"
OUTLINE, GREY = "#5F6B77", "#767D86"
PAPER, DARK_PAPER = "#FFFFFF", "#1B2027"

ON_DARK = {
    OCHRE: "#F0AD1F", BLUE: "#4A9FDB", PINK: "#B85C8F", SLATE: "#C8D2DC",
    GREEN: "#009E73", SKY: "#8FD0F5", ORANGE: "#D55E00", PALE: "#2C333C",
    OUTLINE: "#9AA7B4", GREY: "#8C949D",
}  # fmt: skip
"""What replaces each colour on a dark background."""

FORMULAS = {"assignment": OCHRE, "corrected": BLUE}
STATUSES = {
    "full opt-in": GREEN,
    "partial opt-in": SKY,
    "opt-out": ORANGE,
    "empty": PALE,  # with an outline, as all bars have
    "unknown": GREY,
}
EVENT_TYPES = {
    "pageview": SLATE,
    "consent.asked": OCHRE,
    "consent.given": BLUE,
    "ui.action": PINK,
}
METHODS = {"user": BLUE, "token": PINK, "cohort": OCHRE}
HEAT = ["#C48526", "#A86512", "#7F430A", "#552706", "#2E1203"]
"""From small to large on white: readable by lightness alone."""
HEAT_ON_DARK = ["#96602A", "#B0722F", "#D18F45", "#EBBC74", "#FFF0C4"]
"""From small to large on a dark background, where the small end has to be the dark one."""
READABLE = "luminance(scale('color', {})) > 0.179 ? 'black' : 'white'"
"""Vega: the colour of a text on a mark, by the mark's value."""
FEW = "url(#few-rows)"
"""A hatch (in the page's HTML) over marks that rest on few rows."""

INTERVAL: dict[str, Any] = {"strokeWidth": 3, "opacity": 0.6, "strokeCap": "round"}
"""An interval is drawn as a rule behind its point."""
COUNTS = "replace(format(datum.value, '~s'), 'k', ' k')"
"""Vega: a count on an axis, as formatting.number writes it."""
NARROW = "windowSize()[0] < 560"
"""Vega: whether the screen is as narrow as a phone's."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"

P = ParamSpec("P")
Spec = dict[str, Any]
"""A Vega-Lite specification with its data inside."""


def named(name: str) -> alt.Data:
    """A reference to data that `finished` adds.

    A chart that held its data would be slow to make: Altair copies and checks every row.
    """
    return alt.NamedData(name=name)


ORDER, TICKS = ["@order"], ["@ticks"]
"""Stand for lists that `finished` puts in their place, in charts that are made once."""


def once(make: Callable[P, Any]) -> Callable[P, str]:
    """Makes a chart for the same arguments only once: Altair takes ten times as long as the rest.

    The chart comes as JSON; its arguments have to be hashable.
    """

    @functools.cache
    def made(*args: P.args, **kwargs: P.kwargs) -> str:
        return json.dumps(make(*args, **kwargs).to_dict(validate=False))

    return cast("Callable[P, str]", made)


def finished(
    chart: alt.TopLevelMixin | str,
    click: dict[str, str] | None = None,
    order: Sequence[str] = (),
    ticks: Sequence[float] = (),
    **frames: pd.DataFrame | list[dict[str, Any]],
) -> Spec:
    """The chart as a specification with its frames inside, so that no browser fetches data.

    Args:
        chart: the chart, or what `once` made of it.
        click: name of a filter, and the field with the value that a click on a mark chooses.
        order: replaces ORDER.
        ticks: replaces TICKS.
    """
    if isinstance(chart, str):
        text = chart.replace(json.dumps(ORDER), json.dumps(list(order)))
        spec: Spec = json.loads(text.replace(json.dumps(TICKS), json.dumps(list(ticks))))
    else:
        spec = chart.to_dict(validate=False)
    if click:
        spec.setdefault("usermeta", {})["click"] = click
    spec.pop("config", None)  # the page adds its own (`config`)
    spec.pop("$schema", None)  # an address, which nothing here may contact
    spec["datasets"] = {name: _records(frame) for name, frame in frames.items()}
    return spec


def _records(frame: pd.DataFrame | list[dict[str, Any]]) -> list[dict[str, Any]]:
    if isinstance(frame, list):
        return frame
    names = [str(name) for name in frame]
    columns = [_plain(frame[name]) for name in frame]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain(values: pd.Series) -> list[Any]:
    """Values as JSON can hold them; what is missing becomes None."""
    if values.dtype.kind == "f":
        return [value if value == value else None for value in _rounded(values.to_numpy()).tolist()]
    return [
        None if value is pd.NaT or value != value
        else value.isoformat() if hasattr(value, "isoformat")
        else value
        for value in values.tolist()
    ]  # fmt: skip


def _rounded(values: Any) -> Any:
    """An array to six significant digits: no chart shows more, and a browser has less to read."""
    magnitude = np.floor(np.log10(np.where(values == 0, 1, np.abs(values))))
    scale = 10 ** (5 - magnitude)
    return np.round(values * scale) / scale


def decades(counts: pd.Series) -> list[float]:
    """Ticks of a log scale: powers of ten, or both ends where fewer than two powers fit."""
    low, high = max(float(counts.min()), 1), max(float(counts.max()), 1)
    powers = [10.0**n for n in range(12) if low <= 10**n <= high]
    return powers if len(powers) > 1 else sorted({low, high})


def domain(chosen: dict[str, str], present: pd.Series) -> tuple[str, ...]:
    """The values that are there: first those with a colour, in its order, then the others."""
    kept = [name for name in chosen if name in set(present)]
    return (*kept, *sorted(set(present) - set(chosen)))


def colours(chosen: dict[str, str], domain: Sequence[str]) -> alt.Scale:
    """A scale of fixed colours: a value keeps its colour, whatever else a filter removes."""
    return alt.Scale(domain=list(domain), range=[chosen.get(name, GREY) for name in domain])


def formulas() -> alt.Scale:
    """Colours of the assignment's formula and the corrected one."""
    return alt.Scale(domain=list(FORMULAS), range=list(FORMULAS.values()))


def formula_shapes() -> alt.Scale:
    """Shapes of the two formulas; in the order of their colours, so that the legends merge."""
    return alt.Scale(domain=list(FORMULAS), range=["diamond", "circle"])


def config(dark: bool = False) -> dict[str, Any]:
    """Vega-Lite's configuration in light or dark mode."""
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
        # Hundreds of marks would be read out one by one; the description and the table say more.
        "mark": {"aria": False},
        "axis": axis,
        # On a phone: the company's id without its industry.
        "axisY": {"labelColor": ink,
                  "labelExpr": f"{NARROW} ? split(datum.label, ' · ')[0] : datum.label"},
        "legend": {**text, "orient": "top", "titleFontWeight": "normal", "symbolType": "circle",
                   "offset": 4, "labelLimit": 220, "titleLimit": 400,
                   "columns": {"expr": f"{NARROW} ? 2 : 4"}, "symbolOpacity": 1},
        "header": {**text, "labelFontWeight": 600},
        "text": {"color": ink, "fontSize": 11},
        "rule": {"color": ink},
        "geoshape": {"stroke": DARK_PAPER if dark else PAPER},
        "range": {"heatmap": HEAT_ON_DARK if dark else HEAT},
    }  # fmt: skip
