"""Panels of time: how fast people choose, and when events arrive."""

from __future__ import annotations

import pandas as pd

from dashboard import data, times, words
from dashboard.charts import time as charts
from dashboard.panels.panel import DAYS, EVERY_FILTER, Panel, not_built_yet
from dashboard.panels.table import table
from dashboard.panels.view import View

LAGS = ("time-to-consent", "How fast do people choose?", EVERY_FILTER)
SHOWN = ["company", "hour_at", "event_count", "row_count", "per_hour", "observed_hour_count",
         "file", "is_marked"]  # fmt: skip
HOURS = ("hours", "When do events arrive?", DAYS)


@not_built_yet(*LAGS)
def time_to_consent(view: View) -> Panel:
    """Lags by method against their placebo, and the medians of each company."""
    found = view.pair_summary
    if found.empty:
        return Panel.without_rows(*LAGS, "No notice and choice could be matched in this selection.")
    return Panel(
        *LAGS[:2],
        "Three ways to match a notice with its choice (words below). Dashed: the placebo, the same "
        "match run backwards, which finds chance alone. Where it is not far below the solid line, "
        "the method is not credible. Medians; cohort before and after the placebo is subtracted.",
        chart=charts.lags(times.histogram(view.pairs)),
        table=table(_by_company(found), [
            ("short", "company", None),
            ("headline", "headline", words.seconds),
            ("method", "by", None),
            ("user", "user", words.seconds),
            ("token", "token", words.seconds),
            ("cohort", "cohort", words.seconds),
            ("corrected", "less placebo", words.seconds),
        ], limit=40),
        notes=_doubts(found),
        is_wide=True,
    )  # fmt: skip


def _by_company(found: pd.DataFrame) -> pd.DataFrame:
    """One row a company: the headline and what each method says."""
    best = times.headlines(found).set_index("short")
    wide = found.pivot(index="short", columns="method", values="best_median")
    cohort = found[found.method == "cohort"].set_index("short")
    wide = wide.reindex(columns=list(times.METHODS))
    wide = wide.assign(
        cohort=cohort["median"],
        corrected=cohort["corrected_median"],
        headline=best["best_median"],
        method=best["method"],
    )
    return wide.reset_index().sort_values("headline")


def _doubts(found: pd.DataFrame) -> tuple[str, ...]:
    doubted = found[~found.is_credible]
    if doubted.empty:
        return ()
    named = ", ".join(f"{row.short} by {row.method}" for row in doubted.itertuples())
    return (f"Not credible: {named}.",)


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
    found["file"] = found.is_capped.map({True: "cut off", False: "whole"})
    found["is_marked"] = _is_last_capped(found)
    capped = data.capped_files(view.marts, view.filters)
    files = words.many(len(capped), "file was", "files were")
    note = (
        f"{files} cut off: {', '.join(capped.file_path)}."
        if len(capped)
        else ("No file looks cut off.")
    )
    return Panel(
        *HOURS[:2],
        "Events an hour, corrected weighting. Compare companies by events per observed hour, and "
        "mind files that were cut off at a number of rows: theirs are lower bounds.",
        DAYS,
        chart=charts.hours(found[SHOWN], view.order),
        notes=(note,),
    )


def _is_last_capped(hours: pd.DataFrame) -> pd.Series:
    """Whether the next hour of the company is not in a capped file as this one is."""
    following = hours.groupby("company_id")[["hour_at", "is_capped"]].shift(-1)
    goes_on = (following.hour_at - hours.hour_at) == pd.Timedelta(hours=1)
    return hours.is_capped & ~(goes_on & following.is_capped.eq(True))
