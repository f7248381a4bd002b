"""Panels of time: how fast people choose, and when events arrive."""

from __future__ import annotations

import pandas as pd

from dashboard import data, times, words
from dashboard.charts import time as charts
from dashboard.panels.panel import DAYS, EVERY_FILTER, Panel, not_built_yet
from dashboard.panels.table import table
from dashboard.panels.view import View

LAGS = ("time-to-consent", "How fast do people choose?", EVERY_FILTER)
HOURS = ("hours", "When do events arrive?", DAYS)


@not_built_yet(*LAGS)
def time_to_consent(view: View) -> Panel:
    """Lags by method against their placebo, and the medians of each company."""
    found = view.pair_summary
    if found.empty:
        return Panel.without_rows(*LAGS, "No notice and choice could be matched in this selection.")
    head = set(times.headlines(found).index)
    shown = found.assign(
        credible=["headline" if i in head else "yes" if found.is_credible[i] else "no"
                  for i in found.index],
    ).sort_values(["company", "method"])  # fmt: skip
    return Panel(
        *LAGS[:2],
        "Three ways to match a notice with its choice (words below). Dashed: the placebo, the same "
        "match run backwards, which finds chance alone. Where it is not far below the solid line, "
        "the method is not credible.",
        chart=charts.lags(times.lags(view.marts, view.filters)),
        table=table(shown, [
            ("company", "company", None),
            ("method", "method", None),
            ("pair_count", "pairs", _whole),
            ("placebo_count", "placebo", _whole),
            ("median", "median", words.seconds),
            ("corrected_median", "corrected", words.seconds),
            ("credible", "credible", None),
        ], limit=31),
        is_wide=True,
    )  # fmt: skip


def headline(view: View) -> tuple[str, str]:
    """The typical company's median time to consent, and what it stands on, in words."""
    best = times.headlines(view.pair_summary)
    if best.empty:
        return "–", "no method is credible here"
    methods = ", ".join(sorted(set(best.method)))
    companies = words.many(len(best), "company", "companies")
    detail = f"median of {companies}" if len(best) > 1 else "median"
    return words.seconds(float(best.best_median.median())), f"{detail}, by {methods}"


@not_built_yet(*HOURS)
def hours(view: View) -> Panel:
    """Volume by company and hour, with the capped files marked."""
    found = view.labelled(data.hours(view.marts, view.filters))
    if found.empty:
        return Panel.without_rows(*HOURS)
    capped = data.capped_files(view.marts, view.filters)
    found["capped"] = ["capped" if i in set(capped.company_id) else "whole" for i in found.company_id]
    files = words.many(len(capped), "file was", "files were")
    return Panel(
        *HOURS[:2],
        "Events an hour, diagnosed weighting. Compare volumes per observed hour, and never those of "
        "capped files: they were cut off at a number of rows.",
        DAYS,
        chart=charts.hours(found),
        notes=(f"{files} cut off: {', '.join(capped.file_path)}." if len(capped)
               else "No file looks cut off.",),
    )  # fmt: skip


def _whole(value: float) -> str:
    return f"{value:,.0f}" if pd.notna(value) else "–"
