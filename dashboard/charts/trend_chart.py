"""Chart of one company's consent rate by day or hour, with the alerts marked."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from dashboard.charts import theme


def trend(found: pd.DataFrame) -> theme.Spec:
    """The rate by period with its interval: start, value, lower, upper, rows, is_alert."""
    return theme.finished(_trend(), trend=found)


@theme.once
def _trend() -> Any:
    shared = alt.Chart(theme.named("trend")).encode(
        x=alt.X("start:T", title="start of the period (UTC)",
                axis=alt.Axis(format="%m-%d %H:%M", labelOverlap=True, tickCount=6, grid=False)),
        tooltip=[
            alt.Tooltip("start:T", format="%Y-%m-%d %H:%M", title="from"),
            alt.Tooltip("value:Q", format=".1%", title="consent"),
            alt.Tooltip("lower:Q", format=".1%"),
            alt.Tooltip("upper:Q", format=".1%"),
            alt.Tooltip("rows:Q", format=",", title="rows of decisions"),
        ],
    )  # fmt: skip
    axis = alt.Axis(format="%", tickCount=5, title="consent (%), 95 % interval")
    y = alt.Y("value:Q", axis=axis, scale=alt.Scale(zero=False))
    band = shared.mark_rule(color=theme.BLUE, **theme.INTERVAL).encode(
        y=alt.Y("lower:Q", axis=axis), y2="upper:Q"
    )
    line = shared.mark_line(color=theme.BLUE, strokeWidth=2).encode(y=y)
    point = shared.mark_point(filled=True, size=50, opacity=1, color=theme.BLUE).encode(y=y)
    alert = (
        shared.transform_filter("datum.is_alert")
        .mark_point(filled=True, size=130, opacity=1, color=theme.ORANGE, shape="diamond")
        .encode(y=y)
    )
    return (band + line + point + alert).properties(width="container", height=200)
