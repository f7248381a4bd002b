"""Charts over time and of times."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard.charts import theme

TICKS = [0.1, 1, 3, 10, 30, 60, 300, 1800]
CLOCK = (
    "datum.value < 60 ? format(datum.value, '~g') + ' s' : format(datum.value / 60, '~g') + ' min'"
)


def lags(found: pd.DataFrame) -> theme.Spec:
    """How long choices took, by method, against the placebo: method, direction, lag_seconds, share."""
    shown = found.assign(what=found.direction.map({"forward": "found", "backward": "placebo"}))
    chart = (
        alt.Chart(theme.named("lags"))
        .mark_line(interpolate="monotone", strokeWidth=2.2)
        .encode(
            x=alt.X(
                "lag_seconds:Q",
                scale=alt.Scale(type="log", domain=[0.1, 2000]),
                axis=alt.Axis(values=TICKS, labelExpr=CLOCK, title="time from notice to choice"),
            ),
            y=alt.Y("share:Q", axis=alt.Axis(format="%", title="pairs, of all found (%)", tickCount=5)),
            color=alt.Color("method:N", title="method", legend=alt.Legend(symbolType="stroke"),
                            scale=theme.colours(theme.METHODS, shown.method)),
            strokeDash=alt.StrokeDash("what:N", title=None, scale=alt.Scale(
                domain=["found", "placebo"], range=[[1, 0], [4, 4]]),
                legend=alt.Legend(symbolType="stroke")),
            detail="direction:N",
            tooltip=[
                alt.Tooltip("method:N"),
                alt.Tooltip("what:N"),
                alt.Tooltip("lag_seconds:Q", format=".2~f", title="about, seconds"),
                alt.Tooltip("pairs:Q", format=","),
            ],
        )
        .properties(width="container", height=250)
    )  # fmt: skip
    return theme.finished(chart, lags=shown)


def hours(found: pd.DataFrame) -> theme.Spec:
    """Events by hour, one line a company; hours of capped files are marked.

    Columns: company, hour_at, event_count, row_count, file (whole or cut off).
    """
    shared = alt.Chart(theme.named("hours")).encode(
        x=alt.X("hour_at:T", axis=alt.Axis(title="hour (UTC)", format="%d %b %H:%M", labelOverlap=True,
                                           tickCount=6)),
        y=alt.Y("company:N", title=None),
        tooltip=[
            alt.Tooltip("company:N"),
            alt.Tooltip("hour_at:T", title="hour (UTC)", format="%Y-%m-%d %H:%M"),
            alt.Tooltip("event_count:Q", format=",.0f", title="events, diagnosed"),
            alt.Tooltip("row_count:Q", format=",", title="rows"),
            alt.Tooltip("file:N"),
        ],
    )  # fmt: skip
    size = alt.Size("event_count:Q", title="events an hour", scale=alt.Scale(range=[12, 420]),
                    legend=alt.Legend(orient="top", format="~s", tickCount=3))  # fmt: skip
    scale = alt.Scale(domain=["whole", "cut off"], range=[theme.BLUE, theme.VERMILLION])
    shape = alt.Scale(domain=["whole", "cut off"], range=["circle", "triangle-up"])
    points = shared.mark_point(filled=True, opacity=0.75).encode(
        size=size,
        color=alt.Color("file:N", title="file", scale=scale),
        shape=alt.Shape("file:N", title="file", scale=shape),
    )
    return theme.finished(points.properties(width="container", height=alt.Step(26)), hours=found)
