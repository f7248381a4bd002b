"""Charts of rates with intervals, and of shares."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard.charts import theme

ROW_HEIGHT = 34
"""Pixels per company."""


def conversion(rates: pd.DataFrame, order: list[str]) -> theme.Spec:
    """Conversion of each company by both formulas, with intervals.

    Columns: company, formula, value, lower, upper, asked_rows.
    """
    shared = alt.Chart(theme.named("rates")).encode(
        y=alt.Y("company:N", sort=order, title=None, scale=alt.Scale(paddingInner=0.35)),
        yOffset=alt.YOffset("formula:N", sort=["corrected", "assignment"]),
        color=alt.Color("formula:N", title=None, scale=theme.formulas()),
        tooltip=[
            alt.Tooltip("company:N"),
            alt.Tooltip("formula:N", title="weighting"),
            alt.Tooltip("value:Q", format=".1%", title="conversion"),
            alt.Tooltip("lower:Q", format=".1%"),
            alt.Tooltip("upper:Q", format=".1%"),
            alt.Tooltip("asked_rows:Q", format=",", title="rows of notices"),
        ],
    )
    title = "choices per notice (%), 95 % interval"
    axis = alt.Axis(format="%", tickCount=5, title=title)
    interval = shared.mark_rule(**theme.INTERVAL).encode(
        x=alt.X("lower:Q", axis=axis), x2="upper:Q"
    )
    point = shared.mark_point(filled=True, size=70, opacity=1).encode(
        x=alt.X("value:Q", axis=axis),
        shape=alt.Shape("formula:N", title=None, scale=theme.formula_shapes()),
    )  # fmt: skip
    chart = (interval + point).properties(width="container", height=alt.Step(ROW_HEIGHT / 3))
    return theme.finished(chart, rates=rates)


def shares(
    found: pd.DataFrame, column: str, palette: dict[str, str], title: str, order: list[str]
) -> theme.Spec:
    """Stacked shares, one bar per company: company, `column`, share, event_count, row_count."""
    scale = theme.colours(palette, found[column])
    assert isinstance(scale.domain, list)
    # Vega stacks alphabetically unless told the order; the colours' order is the meaningful one.
    ordered = found.assign(position=found[column].map(scale.domain.index))
    chart = (
        alt.Chart(theme.named("shares"))
        .mark_bar(height=alt.RelativeBandSize(0.6))
        .encode(
            y=alt.Y("company:N", sort=order, title=None),
            x=alt.X("share:Q", stack="zero", axis=alt.Axis(format="%", tickCount=5, title=title),
                    scale=alt.Scale(domain=[0, 1], clamp=True)),
            color=alt.Color(f"{column}:N", title=None, scale=scale),
            order=alt.Order("position:Q"),
            tooltip=[
                alt.Tooltip("company:N"),
                alt.Tooltip(f"{column}:N"),
                alt.Tooltip("share:Q", format=".1%"),
                alt.Tooltip("event_count:Q", format=",.0f", title="events"),
                alt.Tooltip("row_count:Q", format=",", title="rows"),
            ],
        )
        .properties(width="container", height=alt.Step(ROW_HEIGHT))
    )  # fmt: skip
    return theme.finished(chart, shares=ordered)
