"""Charts of rates and choices."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard.charts import theme

ROW = 34
"""Height of a company's line, in pixels."""


def conversion(rates: pd.DataFrame, order: list[str]) -> theme.Spec:
    """Conversion as assigned and corrected, with intervals: company, formula, value, …."""
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
    chart = (interval + point).properties(width="container", height=alt.Step(ROW / 3))
    return theme.finished(chart, rates=rates)


def shares(
    parts: pd.DataFrame, part: str, palette: dict[str, str], title: str, order: list[str]
) -> theme.Spec:
    """Stacked shares, one bar a company: company, `part`, share, event_count, row_count."""
    scale = theme.colours(palette, parts[part])
    assert isinstance(scale.domain, list)
    ranked = parts.assign(place=parts[part].map(scale.domain.index))
    chart = (
        alt.Chart(theme.named("parts"))
        .mark_bar(height=alt.RelativeBandSize(0.6))
        .encode(
            y=alt.Y("company:N", sort=order, title=None),
            x=alt.X("share:Q", stack="zero", axis=alt.Axis(format="%", tickCount=5, title=title),
                    scale=alt.Scale(domain=[0, 1], clamp=True)),
            color=alt.Color(f"{part}:N", title=None, scale=scale),
            order=alt.Order("place:Q"),
            tooltip=[
                alt.Tooltip("company:N"),
                alt.Tooltip(f"{part}:N"),
                alt.Tooltip("share:Q", format=".1%"),
                alt.Tooltip("event_count:Q", format=",.0f", title="events"),
                alt.Tooltip("row_count:Q", format=",", title="rows"),
            ],
        )
        .properties(width="container", height=alt.Step(ROW))
    )  # fmt: skip
    return theme.finished(chart, parts=ranked)
