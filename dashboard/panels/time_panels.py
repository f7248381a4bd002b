"""Panels of time: how fast people choose, and when events arrive."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.charts import group_charts, time_charts
from dashboard.metrics import consent_times
from dashboard.panels.data_table import DataTable
from dashboard.panels.panel import DAYS, EVERY_FILTER, Panel, not_built_yet
from dashboard.panels.selection import Selection
from dashboard.queries import frames
from dashboard.text import answers
from dashboard.text.formatting import counted, seconds, whole

LAGS = ("time-to-consent", "How fast do people choose?", EVERY_FILTER)
CHOICES = ("time-by-choice", "How fast is each kind of choice?", EVERY_FILTER)
HOURS = ("hours", "When do events arrive?", DAYS)
WHY_NOT = {"user": "USER_ID does not stand for a person", "token": "Payloads are recycled"}
HOUR_COLUMNS = ["company", "company_id", "hour_at", "event_count", "row_count", "per_hour",
                "observed_hour_count", "file", "is_marked"]  # fmt: skip


@not_built_yet(*LAGS)
def time_to_consent(selection: Selection) -> Panel:
    """Lags by method against their placebo, and the medians of each company."""
    found = selection.pair_summary
    if found.empty:
        title = "How fast people choose cannot be told"
        sentence = "No notice and choice could be matched here."
        return Panel.without_rows(LAGS[0], title, EVERY_FILTER, sentence)
    doubted = found[~found.is_credible]
    named = ", ".join(f"{row.short} by {row.method}" for row in doubted.itertuples())
    best = consent_times.headlines(found)
    curves = consent_times.histogram(selection.pairs)
    few = curves[curves.of < time_charts.FEW_PAIRS].groupby("method").of.max()
    bars = [f"{name} ({counted(int(n), 'pair')})" for name, n in few.items()]
    notes = (
        f"Bars, since there are few pairs: {', '.join(bars)}." if bars else "",
        "" if doubted.empty else f"Not credible: {named}.",
        *_why_not(selection, found),
    )
    return Panel(
        LAGS[0],
        answers.time(
            float(best.best_median.median()) if len(best) else None,
            len(best),
            found.company_id.nunique(),
        ),
        "Three ways to match a notice with its choice (explained below). Dashed: the placebo, the "
        "same match run backwards, which finds only chance. Where it is not far below the solid "
        "line, the method is not credible. The table shows medians; for cohort, before and after "
        "the placebo is subtracted.",
        chart=time_charts.lags(curves),
        table=DataTable(medians(found), [
            ("short", "company", None),
            ("headline", "best estimate", seconds),
            ("method", "by", None),
            ("user", "user", seconds),
            ("token", "token", seconds),
            ("cohort", "cohort", seconds),
            ("corrected", "less placebo", seconds),
        ]),
        notes=tuple(filter(None, notes)),
        is_wide=True,
        is_table_open=True,
    )  # fmt: skip


def _why_not(selection: Selection, found: pd.DataFrame) -> list[str]:
    """Which methods are not credible because of what they rest on, as sentences."""
    is_doubted = [
        key in selection.doubted_times for key in zip(found.company_id, found.method, strict=True)
    ]
    return [
        f"{why} at {', '.join(group.short)}, so times by {method} are not credible."
        for method, group in found[is_doubted].groupby("method")
        for why in (WHY_NOT[str(method)],)
    ]


@not_built_yet(*CHOICES)
def by_choice(selection: Selection) -> Panel:
    """The median time of each kind of choice, in the typical company."""
    if selection.pair_summary.empty:
        return Panel.without_rows(*CHOICES)
    rows = [
        (selection.companies.short.get(company, company), status, float(np.median(lags)), len(lags))
        for company, by_status in selection.lags_by_choice.items()
        for status, lags in by_status.items()
        if len(lags) >= consent_times.MIN_PAIRS
    ]
    found = pd.DataFrame(rows, columns=["short", "consent_status", "median", "choices"])
    if found.empty:
        title = "How fast each kind of choice is cannot be told"
        sentence = "No kind has ten choices of one company that a credible method has timed."
        return Panel.without_rows(CHOICES[0], title, EVERY_FILTER, sentence)
    typical = found.groupby("consent_status", as_index=False).agg(
        median=("median", "median"), companies=("short", "nunique"), choices=("choices", "sum")
    )
    of = {str(s): float(m) for s, m in zip(typical.consent_status, typical["median"], strict=True)}
    return Panel(
        CHOICES[0],
        answers.times(of),
        "The median of the companies' medians, each by its best method and without matches by "
        "chance; companies with at least ten choices of the kind.",
        chart=group_charts.times(typical),
        table=DataTable(found.sort_values(["consent_status", "median"]), [
            ("short", "company", None),
            ("consent_status", "choice", None),
            ("median", "median", seconds),
            ("choices", "choices", whole),
        ]),
    )  # fmt: skip


def medians(pair_summary: pd.DataFrame) -> pd.DataFrame:
    """One row per company: its headline, and the median by each method (cohort uncorrected)."""
    best = consent_times.headlines(pair_summary).set_index("short")
    cohort = pair_summary[pair_summary.method == "cohort"].set_index("short")
    wide = pair_summary.pivot(index="short", columns="method", values="best_median")
    wide = wide.reindex(columns=list(consent_times.METHODS)).assign(
        cohort=cohort["median"],
        corrected=cohort["corrected_median"],
        headline=best["best_median"],
        method=best["method"],
    )
    return wide.reset_index().sort_values("headline")


@not_built_yet(*HOURS)
def hours(selection: Selection) -> Panel:
    """Volume by company and hour, with the capped files marked."""
    found = selection.labelled(frames.hours(selection.marts, selection.filters))
    if found.empty:
        return Panel.without_rows(*HOURS)
    found["file"] = found.is_capped.map({True: "cut off", False: "whole"})
    found["is_marked"] = is_last_capped(found)
    capped = frames.capped_files(selection.marts, selection.filters)
    note = "No file looks cut off."
    if len(capped):
        files = counted(len(capped), "file was", "files were")
        note = f"{files} cut off: {', '.join(capped.file_path)}."
    busiest = found.groupby("hour_at").event_count.sum()
    return Panel(
        HOURS[0],
        answers.hours(busiest.max(), f"{busiest.idxmax():%Y-%m-%d %H:%M}", len(capped)),
        "Events per hour, corrected weighting. Compare companies by events per observed hour. "
        "Where a file was cut off at a number of rows, its figures are lower bounds.",
        DAYS,
        chart=time_charts.hours(found[HOUR_COLUMNS], selection.order),
        table=DataTable(found, [
            ("company", "company", None),
            ("hour_at", "hour (UTC)", None),
            ("event_count", "events", whole),
            ("row_count", "rows", whole),
            ("per_hour", "mean of its observed hours", whole),
            ("file", "file", None),
        ]),
        notes=(note,),
    )  # fmt: skip


def is_last_capped(hours: pd.DataFrame) -> pd.Series:
    """Whether an hour is capped and the company's next hour is not (or is missing).

    Only that hour gets a mark: the end of the run is where the file was cut off.
    """
    following = hours.groupby("company_id")[["hour_at", "is_capped"]].shift(-1)
    is_next = (following.hour_at - hours.hour_at) == pd.Timedelta(hours=1)
    return hours.is_capped & ~(is_next & following.is_capped.eq(True))
