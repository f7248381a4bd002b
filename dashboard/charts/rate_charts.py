"""Charts of rates with intervals, and of shares."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from dashboard.charts import theme
from dashboard.text.answers import FEW_ROWS

ROW_HEIGHT = 34
"""Pixels per company."""
OF_COMPANY = {"company": "company_id"}


def conversion(rates: pd.DataFrame, order: list[str]) -> theme.Spec:
    """Conversion of each company by both formulas, with intervals.

    Columns: company, company_id, formula, value, lower, upper, asked_rows.
    """
    return theme.finished(_conversion(), OF_COMPANY, order, rates=rates)


@theme.once
def _conversion() -> Any:
    shared = alt.Chart(theme.named("rates")).encode(
        y=alt.Y("company:N", sort=theme.ORDER, title=None, scale=alt.Scale(paddingInner=0.35)),
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
    # The label stands right of the interval, so that neither covers the other.
    label = (
        shared.transform_calculate(
            end="isValid(datum.upper) ? datum.upper : datum.value",
            label="format(datum.value, '.0%')"
            f" + (datum.asked_rows < {FEW_ROWS} ? '  n=' + datum.asked_rows : '')",
        )
        .mark_text(align="left", dx=7, fontSize=10)
        .encode(x=alt.X("end:Q", axis=axis), text="label:N")
    )
    return (interval + point + label).properties(
        width="container", height=alt.Step(ROW_HEIGHT / 3), padding={"right": 28}
    )


def shares(
    found: pd.DataFrame, column: str, palette: dict[str, str], title: str, order: list[str]
) -> theme.Spec:
    """Stacked shares, one bar per company, its shares on it.

    Columns: company, company_id, `column`, share, event_count, row_count. A bar of few rows is
    hatched, with their number beside it.
    """
    domain = theme.domain(palette, found[column])
    rows = found.groupby("company").row_count.transform("sum")
    # Vega stacks alphabetically unless told the order; the colours' order is the meaningful one.
    ordered = found.assign(
        position=found[column].map(domain.index), is_few=rows < FEW_ROWS
    ).sort_values(["company", "position"])
    ordered["start"] = ordered.groupby("company").share.cumsum() - ordered.share
    ordered["middle"] = ordered.start + ordered.share / 2
    few = pd.DataFrame({"company": found.company, "row_count": rows})[rows < FEW_ROWS]
    chart = _shares(column, domain, tuple(palette.items()), title)
    return theme.finished(chart, OF_COMPANY, order, shares=ordered, few=few.drop_duplicates())


@theme.once
def _shares(
    column: str, domain: tuple[str, ...], palette: tuple[tuple[str, str], ...], title: str
) -> Any:
    scale = theme.colours(dict(palette), domain)
    axis = alt.Axis(format="%", tickCount=5, title=title)
    shared = alt.Chart(theme.named("shares")).encode(
        y=alt.Y("company:N", sort=theme.ORDER, title=None),
        tooltip=[
            alt.Tooltip("company:N"),
            alt.Tooltip(f"{column}:N"),
            alt.Tooltip("share:Q", format=".1%"),
            alt.Tooltip("event_count:Q", format=",.0f", title="events"),
            alt.Tooltip("row_count:Q", format=",", title="rows"),
        ],
    )
    x = alt.X("share:Q", stack="zero", axis=axis, scale=alt.Scale(domain=[0, 1], clamp=True))
    bar = shared.mark_bar(
        height=alt.RelativeBandSize(0.6), stroke=theme.OUTLINE, strokeWidth=0.8
    ).encode(x=x, color=alt.Color(f"{column}:N", title=None, scale=scale), order="position:Q")
    label = (
        shared.transform_filter("datum.share >= 0.1 && !datum.is_few")
        .mark_text(fontSize=10, color=alt.expr(theme.READABLE.format(f"datum['{column}']")))
        .encode(x=alt.X("middle:Q", axis=axis), text=alt.Text("share:Q", format=".0%"))
    )
    hatched = alt.Chart(theme.named("few")).encode(y=alt.Y("company:N", sort=theme.ORDER))
    whole = hatched.mark_bar(height=alt.RelativeBandSize(0.6), fill=theme.FEW).encode(
        x=alt.datum(0), x2=alt.datum(1)
    )
    note = (
        hatched.mark_text(align="right", dx=-6, fontWeight="bold", fontSize=11)
        .encode(x=alt.datum(1), text="label:N")
        .transform_calculate(label="'n=' + datum.row_count")
    )
    return (bar + label + whole + note).properties(width="container", height=alt.Step(ROW_HEIGHT))
