"""The world map; its outlines are in country_outlines.json, so that it needs no network."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd

from dashboard.charts import theme

HEIGHT = {
    "name": "height",
    "init": "0.44 * width",
    "on": [{"events": {"signal": "width"}, "update": "0.44 * width"}],
}
HALF_AS_HIGH = [
    {"op": "add", "path": "/signals/-", "value": HEIGHT},
    {"op": "remove", "path": "/height"},
]
"""For vega-embed, a patch of the compiled Vega: the height follows the width, so that the map
leaves no gap. Vega-Lite itself cannot express this."""
OUTLINES = Path(__file__).with_name("country_outlines.json")


@cache
def outlines() -> list[dict[str, Any]]:
    """GeoJSON features of countries; `id` is the two-letter code."""
    features: list[dict[str, Any]] = json.loads(OUTLINES.read_text())["features"]
    return features


def without_outline(codes: pd.Series) -> int:
    """How many of the codes have no outline: too small for the map, or not a country."""
    return len(set(codes) - {feature["id"] for feature in outlines()})


def reach(countries: pd.DataFrame) -> theme.Spec:
    """Events by country: country_code, country_name, event_count, row_count."""
    ticks = theme.decades(countries.event_count)
    return theme.finished(
        _reach(), {"country": "id"}, ticks=ticks, outlines=outlines(), countries=countries
    )


@theme.once
def _reach() -> Any:
    looked_up = alt.LookupData(
        data=theme.named("countries"),
        key="country_code",
        fields=["country_name", "event_count", "row_count"],
    )
    land = alt.Chart(theme.named("outlines")).mark_geoshape(
        fill=theme.GREY, fillOpacity=0.18, strokeWidth=0.4
    )
    reached = (
        alt.Chart(theme.named("outlines"))
        .transform_lookup(lookup="id", from_=looked_up)
        .transform_filter("datum.event_count > 0")
        .mark_geoshape(strokeWidth=0.4)
        .encode(
            color=alt.Color(
                "event_count:Q",
                scale=alt.Scale(type="log", range="heatmap"),
                legend=alt.Legend(title="events (log scale)", gradientLength=180,
                                  values=theme.TICKS,
                                  labelExpr=theme.COUNTS, orient="bottom"),
            ),
            tooltip=[
                alt.Tooltip("country_name:N", title="country"),
                alt.Tooltip("event_count:Q", format=",.0f", title="events, corrected"),
                alt.Tooltip("row_count:Q", format=",", title="rows"),
            ],
        )
    )  # fmt: skip
    return (
        (land + reached)
        .project("naturalEarth1")
        .properties(width="container", usermeta={"embedOptions": {"patch": HALF_AS_HIGH}})
    )
