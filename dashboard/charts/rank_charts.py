"""Charts of ranks: what their intervals allow, and how they depend on the weighting."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard.charts import theme

MOVES = "datum.value ? 'moves {} or more' : 'moves less'"
"""Vega: what the colours mean, with the number of places."""
LINES = "split(replace(datum.label, '/ ', '/|'), '|')"
"""Vega: a weighting in two lines."""
PADDING = {"left": 5, "top": 5, "bottom": 5, "right": 56}
"""Room for the companies' names at the right end of their lines."""


def ranks(ranking: pd.DataFrame) -> theme.Spec:
    """Rank of each company by both formulas, with the best and worst that the intervals allow.

    Columns: company, formula, company_rank, best_rank, worst_rank, ranked_company_count.
    """
    order = ranking[ranking.formula == "corrected"].sort_values("company_rank").company
    last = int(ranking.ranked_company_count.max())
    axis = alt.Axis(title="rank (1: highest conversion)", tickMinStep=1, format="d",
                    values=list(range(1, last + 1)) if last <= 15 else alt.Undefined)  # fmt: skip
    shared = alt.Chart(theme.named("ranks")).encode(
        y=alt.Y("company:N", sort=list(order), title=None, scale=alt.Scale(paddingInner=0.35)),
        yOffset=alt.YOffset("formula:N", sort=["corrected", "assignment"]),
        color=alt.Color("formula:N", title=None, scale=theme.formulas()),
        tooltip=["company:N", "formula:N", alt.Tooltip("company_rank:Q", title="rank"),
                 alt.Tooltip("best_rank:Q"), alt.Tooltip("worst_rank:Q")],
    )  # fmt: skip
    scale = alt.Scale(domain=[0.6, max(last, 2) + 0.4], nice=False)
    allowed = shared.mark_rule(**theme.INTERVAL).encode(
        x=alt.X("best_rank:Q", axis=axis, scale=scale), x2="worst_rank:Q"
    )
    rank = shared.mark_point(filled=True, size=70, opacity=1).encode(
        x=alt.X("company_rank:Q", axis=axis, scale=scale),
        shape=alt.Shape("formula:N", title=None, scale=theme.formula_shapes()),
    )  # fmt: skip
    chart = (allowed + rank).properties(width="container", height=alt.Step(11))
    return theme.finished(chart, ranks=ranking)


def sensitivity(found: pd.DataFrame, order: list[str], places: int) -> theme.Spec:
    """Ranks under each choice: company, short, choice, company_rank, metric_value, moved.

    What moves so many `places` or more is drawn in colour.
    """
    moves = MOVES.format(f"{places} places" if places > 1 else "a place")
    last = max(int(found.company_rank.max()), 2)
    shared = alt.Chart(theme.named("ranks")).encode(
        x=alt.X("choice:N", sort=order, scale=alt.Scale(padding=0.35),
                axis=alt.Axis(title="what a row counts", labelAngle=0, grid=False,
                              labelExpr=LINES)),
        y=alt.Y("company_rank:Q", scale=alt.Scale(domain=[1, last], reverse=True),
                axis=alt.Axis(title="rank (1: highest conversion)", tickMinStep=1, format="d",
                              tickCount=min(last, 12))),
        detail="company:N",
        tooltip=["company:N", alt.Tooltip("choice:N", title="weighting"),
                 alt.Tooltip("company_rank:Q", title="rank"),
                 alt.Tooltip("metric_value:Q", title="conversion", format=".1%")],
    )  # fmt: skip
    colour = alt.condition("datum.moved", alt.value(theme.ORANGE), alt.value(theme.SLATE))
    line = shared.mark_line(strokeWidth=2, opacity=0.75).encode(
        color=alt.Color("moved:N", title=None,
                        legend=alt.Legend(symbolType="stroke", labelLimit=300, labelExpr=moves),
                        scale=alt.Scale(domain=[True, False], range=[theme.ORANGE, theme.SLATE]))
    )  # fmt: skip
    point = shared.mark_point(filled=True, size=60, opacity=1).encode(color=colour)
    name = (
        alt.Chart(theme.named("names"))
        .mark_text(align="left", dx=8, fontSize=10)
        .encode(x=alt.X("choice:N", sort=order), y="company_rank:Q", text="short:N")
    )
    chart = (line + point + name).properties(
        width="container", height=max(180, 24 * last), padding=PADDING
    )
    return theme.finished(chart, ranks=found, names=found[found.choice == order[-1]])
