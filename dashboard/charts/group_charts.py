"""Charts of one rate by group, by day and by kind of choice."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from dashboard.charts import theme
from dashboard.text.answers import FEW_ROWS

ROW_HEIGHT = 26
"""Pixels per group."""
SURE = [
    alt.Tooltip("value:Q", format=".1%", title="choices per notice"),
    alt.Tooltip("lower:Q", format=".1%"),
    alt.Tooltip("upper:Q", format=".1%"),
    alt.Tooltip("asked_rows:Q", format=",", title="rows of notices"),
]
FEW = f"datum.asked_rows < {FEW_ROWS} ? '  n=' + datum.asked_rows : ''"


def groups(found: pd.DataFrame) -> theme.Spec:
    """Conversion by group, with intervals.

    Columns: label, value, lower, upper, asked_rows; and device, sdk and industry, one of which has
    the value that a click chooses.
    """
    click = {name: name for name in ("device", "sdk", "industry")}
    return theme.finished(_groups(), click, list(found.label), groups=found)


@theme.once
def _groups() -> Any:
    shared = alt.Chart(theme.named("groups")).encode(
        y=alt.Y("label:N", sort=theme.ORDER, title=None), tooltip=[alt.Tooltip("label:N"), *SURE]
    )
    axis = alt.Axis(format="%", tickCount=5, title="choices per notice (%), 95 % interval")
    interval = shared.mark_rule(color=theme.BLUE, **theme.INTERVAL).encode(
        x=alt.X("lower:Q", axis=axis), x2="upper:Q"
    )
    point = shared.mark_point(filled=True, size=70, opacity=1, color=theme.BLUE).encode(
        x=alt.X("value:Q", axis=axis)
    )
    label = (
        shared.transform_calculate(
            end="isValid(datum.upper) ? datum.upper : datum.value",
            text=f"format(datum.value, '.0%') + ({FEW})",
        )
        .mark_text(align="left", dx=7, fontSize=10)
        .encode(x=alt.X("end:Q", axis=axis), text="text:N")
    )
    return (interval + point + label).properties(
        width="container", height=alt.Step(ROW_HEIGHT), padding={"right": 34}
    )


def days(found: pd.DataFrame) -> theme.Spec:
    """Conversion by day (UTC) with its interval: day, value, lower, upper, asked_rows."""
    return theme.finished(_days(), days=found)


@theme.once
def _days() -> Any:
    shared = alt.Chart(theme.named("days")).encode(
        x=alt.X("day:T", title="day (UTC)",
                axis=alt.Axis(format="%Y-%m-%d", labelOverlap=True, tickCount=6, grid=False)),
        tooltip=[alt.Tooltip("day:T", format="%Y-%m-%d", title="day"), *SURE],
    )  # fmt: skip
    axis = alt.Axis(format="%", tickCount=5, title="choices per notice (%)")
    y = alt.Y("value:Q", axis=axis)
    band = shared.mark_rule(color=theme.BLUE, **theme.INTERVAL).encode(
        y=alt.Y("lower:Q", axis=axis), y2="upper:Q"
    )
    line = shared.mark_line(color=theme.BLUE, strokeWidth=2).encode(y=y)
    point = shared.mark_point(filled=True, size=50, opacity=1, color=theme.BLUE).encode(y=y)
    return (band + line + point).properties(width="container", height=220)


def times(found: pd.DataFrame) -> theme.Spec:
    """Median time by kind of choice: consent_status, median, companies, choices."""
    domain = theme.domain(theme.STATUSES, found.consent_status)
    return theme.finished(_times(domain), times=found)


@theme.once
def _times(domain: tuple[str, ...]) -> Any:
    shared = alt.Chart(theme.named("times")).encode(
        y=alt.Y("consent_status:N", sort=list(domain), title=None),
        x=alt.X("median:Q", axis=alt.Axis(title="median seconds in the typical company")),
        tooltip=[
            alt.Tooltip("consent_status:N", title="choice"),
            alt.Tooltip("median:Q", format=".1f", title="median seconds"),
            alt.Tooltip("companies:Q"),
            alt.Tooltip("choices:Q", format=","),
        ],
    )
    bar = shared.mark_bar(
        height=alt.RelativeBandSize(0.6), stroke=theme.OUTLINE, strokeWidth=0.8
    ).encode(
        color=alt.Color(
            "consent_status:N", legend=None, scale=theme.colours(theme.STATUSES, domain)
        )
    )
    label = (
        shared.transform_calculate(
            label="format(datum.median, '.1f') + ' s' + (datum.choices < 10 ? '  n=' +"
            " datum.choices : '')"
        )
        .mark_text(align="left", dx=5, fontSize=11)
        .encode(text="label:N")
    )
    return (bar + label).properties(width="container", height=alt.Step(34), padding={"right": 44})
