"""Charts of the time to consent, and of events by hour."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from dashboard.charts import theme

ROW_HEIGHT = 32
"""Pixels per company."""
SHORT_SPAN = 4
"""Up to so many days, the axis shows the hour too."""
FEW_PAIRS = 100
"""Fewer pairs of a method are drawn as bars: a curve would show a shape that they do not have."""
LAG_TICKS = [0.1, 1, 3, 10, 30, 60, 300, 1800]
DURATION = (
    "datum.value < 60 ? format(datum.value, '~g') + ' s' : format(datum.value / 60, '~g') + ' min'"
)


def lags(found: pd.DataFrame) -> theme.Spec:
    """How long choices took, compared with the placebo; bars for methods with few pairs.

    Columns: method, direction, lag_from, lag_seconds, lag_to, share, pairs, of (pairs in all).
    """
    shown = found.assign(
        what=found.direction.map({"forward": "found", "backward": "placebo"}),
        is_few=found.of < FEW_PAIRS,
    )
    chart = _lags(theme.domain(theme.METHODS, shown.method))
    return theme.finished(chart, lags=shown[(shown.share > 0) | ~shown.is_few])


@theme.once
def _lags(methods: tuple[str, ...]) -> Any:
    scale = alt.Scale(type="log", domain=[0.1, 2000])
    axis = alt.Axis(values=LAG_TICKS, labelExpr=DURATION, title="time from notice to choice")
    line_symbol = alt.Legend(symbolType="stroke")
    shared = alt.Chart(theme.named("lags")).encode(
        y=alt.Y("share:Q",
                axis=alt.Axis(format="%", tickCount=5, title="share of pairs found (%)")),
        color=alt.Color("method:N", title=None, legend=line_symbol,
                        scale=theme.colours(theme.METHODS, methods)),
        strokeDash=alt.StrokeDash("what:N", title=None, legend=line_symbol,
                                  scale=alt.Scale(domain=["found", "placebo"],
                                                  range=[[1, 0], [4, 4]])),
        detail="direction:N",
        tooltip=[
            alt.Tooltip("method:N"),
            alt.Tooltip("what:N"),
            alt.Tooltip("lag_seconds:Q", format=".2~f", title="about (s)"),
            alt.Tooltip("pairs:Q", format=","),
        ],
    )  # fmt: skip
    line = (
        shared.transform_filter("!datum.is_few")
        .mark_line(interpolate="monotone", strokeWidth=2.2)
        .encode(x=alt.X("lag_seconds:Q", scale=scale, axis=axis))
    )
    few = shared.transform_filter("datum.is_few").encode(
        x=alt.X("lag_from:Q", scale=scale, axis=axis), x2="lag_to:Q"
    )
    bar = (
        few.transform_filter("datum.what === 'found'")
        .transform_calculate(zero="0")
        .mark_rect(fillOpacity=0.35, stroke=theme.OUTLINE, strokeWidth=0.8, clip=True)
        .encode(y2="zero:Q")
    )
    placebo = few.transform_filter("datum.what === 'placebo'").mark_rule(strokeWidth=2.2, clip=True)
    return (line + bar + placebo).properties(width="container", height=250)


def hours(found: pd.DataFrame, order: list[str]) -> theme.Spec:
    """Events by hour, one strip per company; a mark shows where a file was cut off.

    Columns: company, hour_at, event_count, row_count, per_hour, observed_hour_count, file (whole
    or cut off), is_marked.
    """
    days = (found.hour_at.max() - found.hour_at.min()).days
    chart = _hours("%d %b" if days > SHORT_SPAN else "%d %b %H:%M")
    # 0 has no place on a log scale.
    shown = found.assign(shown=found.event_count.clip(lower=1))
    ticks = theme.decades(found.event_count)
    return theme.finished(chart, {"company": "company_id"}, order, ticks, hours=shown)


@theme.once
def _hours(format_: str) -> Any:
    hour = "utcyearmonthdatehours(hour_at):T"
    shared = alt.Chart(theme.named("hours")).encode(
        x=alt.X(hour, axis=alt.Axis(title="hour (UTC)", labelOverlap=True, tickCount=5, grid=False,
                                    format=format_)),
        y=alt.Y("company:N", sort=theme.ORDER, title=None, axis=alt.Axis(grid=False)),
        tooltip=[
            alt.Tooltip("company:N"),
            alt.Tooltip("hour_at:T", title="hour (UTC)", format="%Y-%m-%d %H:%M"),
            alt.Tooltip("event_count:Q", format=",.0f", title="events, corrected"),
            alt.Tooltip("row_count:Q", format=",", title="rows"),
            alt.Tooltip("per_hour:Q", format=",.0f", title="mean of its observed hours"),
            alt.Tooltip("observed_hour_count:Q", title="observed hours"),
            alt.Tooltip("file:N"),
        ],
    )  # fmt: skip
    strip = shared.mark_rect(height=alt.RelativeBandSize(0.8)).encode(
        color=alt.Color(
            "shown:Q",
            scale=alt.Scale(type="log", range="heatmap"),
            legend=alt.Legend(title="events per hour (log scale)", gradientLength=150,
                              labelExpr=theme.COUNTS, values=theme.TICKS),
        )
    )  # fmt: skip
    mark = (
        shared.transform_filter("datum.is_marked")
        .mark_point(filled=True, size=110, color=theme.BLUE, opacity=1, xOffset=9)
        .encode(shape=alt.Shape(
            "file:N", title=None, scale=alt.Scale(domain=["cut off"], range=["triangle-left"]),
            legend=alt.Legend(symbolFillColor=theme.BLUE, symbolStrokeColor=theme.BLUE),
        ))
    )  # fmt: skip
    return (strip + mark).properties(width="container", height=alt.Step(ROW_HEIGHT))
