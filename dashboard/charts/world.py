"""The map; its outlines are in world.json, so that it needs no network."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd

from dashboard.charts import theme

OUTLINES = Path(__file__).parents[1] / "world.json"


@cache
def outlines() -> list[dict[str, Any]]:
    """GeoJSON features of countries; `id` is the two-letter code."""
    features: list[dict[str, Any]] = json.loads(OUTLINES.read_text())["features"]
    return features


def without_outline(codes: pd.Series) -> int:
    """How many of the codes are too small for the map (or no country)."""
    return len(set(codes) - {feature["id"] for feature in outlines()})


def reach(countries: pd.DataFrame) -> alt.Chart:
    """Events by country: country_code, country_name, event_count, row_count."""
    known = countries.set_index("country_code")
    shapes = []
    for feature in outlines():
        code = feature["id"]
        found = known.loc[code] if code in known.index else None
        shapes.append(
            feature
            | {
                "country": code if found is None else found.country_name,
                "events": None if found is None else float(found.event_count),
                "rows": 0 if found is None else int(found.row_count),
            }
        )
    return (
        alt.Chart(alt.Data(values=shapes))
        .mark_geoshape(strokeWidth=0.4)
        .encode(
            color=alt.Color(
                "events:Q",
                scale=alt.Scale(type="log", range=theme.HEAT),
                legend=alt.Legend(title="events (log scale)", gradientLength=160, format="~s"),
            ).copy(),
            tooltip=[
                alt.Tooltip("country:N"),
                alt.Tooltip("events:Q", format=",.0f"),
                alt.Tooltip("rows:Q", format=","),
            ],
        )
        .project("naturalEarth1", center=[0, 0])
        .properties(width="container", height=320)
    )
