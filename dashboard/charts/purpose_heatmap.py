"""The heat map of purposes by company."""

from __future__ import annotations

import textwrap

import altair as alt
import pandas as pd

from dashboard.charts import theme
from dashboard.text.answers import FEW_ROWS

IS_FEW = f"datum.choices < {FEW_ROWS}"
"""Vega: whether a cell rests on few rows, so that it has no colour and shows their number."""
LINES = f"{theme.NARROW} ? split(split(datum.label, '||')[1], '|') : split(datum.label, '||')[0]"
"""Vega: a purpose in two lines (see `_label`) where the screen is narrow, else in one."""


def purposes(found: pd.DataFrame, order: list[str], companies: list[str]) -> theme.Spec:
    """Heat map: company, short, purpose, rate (0–1), lower, upper, choices (rows).

    `order` lists the purposes from top to bottom, `companies` the short names from left to right.
    """
    found = found.assign(label=found.purpose.map(_label))
    shared = alt.Chart(theme.named("rates")).encode(
        x=alt.X("short:N", sort=companies, title="company",
                axis=alt.Axis(labelAngle=-90, grid=False)),
        y=alt.Y("label:N", sort=[_label(purpose) for purpose in order], title=None,
                axis=alt.Axis(labelExpr=LINES)),
    )  # fmt: skip
    cell = shared.transform_filter(f"!({IS_FEW})").mark_rect(stroke="#88888833").encode(
        color=alt.Color(
            "rate:Q",
            scale=alt.Scale(domain=[0, 1], range="heatmap"),
            legend=alt.Legend(title="allowed (% of choices)", format="%",
                              gradientLength=150),
        ),
        tooltip=[
            alt.Tooltip("company:N"), alt.Tooltip("purpose:N"),
            alt.Tooltip("rate:Q", format=".1%", title="allowed"),
            alt.Tooltip("lower:Q", format=".1%"), alt.Tooltip("upper:Q", format=".1%"),
            alt.Tooltip("choices:Q", format=",", title="choices (rows)"),
        ],
    )  # fmt: skip
    few = shared.transform_filter(IS_FEW)
    # Not hatched as bars are: the number could not be read on it.
    pale = few.mark_rect(fill=theme.GREY, fillOpacity=0.18, stroke="#88888833")
    is_shown = alt.expr("bandwidth('x') < 27 ? 0 : 1")
    rows = (
        few.transform_calculate(text="'n=' + datum.choices")
        .mark_text(fontSize=11, fontWeight="bold", opacity=is_shown)
        .encode(text="text:N")
    )
    figure = (
        shared.transform_filter(f"!({IS_FEW})")
        .mark_text(fontSize=10, opacity=is_shown)
        .encode(
            text=alt.Text("rate:Q", format=".0%"),
            color=alt.value(alt.expr(theme.READABLE.format("datum.rate"))),
        )
    )
    chart = (cell + pale + rows + figure).properties(width="container", height=alt.Step(28))
    return theme.finished(chart, rates=found)


def _label(purpose: str) -> str:
    """The purpose in one line, then ||, then the same in two lines with | between them."""
    return purpose + "||" + "|".join(textwrap.wrap(purpose, 26, max_lines=2, placeholder=" …"))
