"""Panels of what people chose: every filter changes them."""

from __future__ import annotations

import pandas as pd

from dashboard.charts import country_map, rate_charts, theme
from dashboard.metrics import measures
from dashboard.panels.data_table import Column, DataTable
from dashboard.panels.panel import EVERY_FILTER, Panel, not_built_yet
from dashboard.panels.selection import Selection
from dashboard.text import answers
from dashboard.text.formatting import counted, percent, whole

CONVERSION = ("conversion", "How many notices lead to a choice?", EVERY_FILTER)
STATUSES = ("statuses", "What do people choose?", EVERY_FILTER)
EVENT_TYPES = ("event-types", "What kinds of events arrive?", EVERY_FILTER)
REACH = ("reach", "Where are they?", EVERY_FILTER)
RATE_COLUMNS: list[Column] = [
    ("company", "company", None),
    ("formula", "weighting", None),
    ("value", "choices per notice", percent),
    ("lower", "from", percent),
    ("upper", "to", percent),
    ("sure", "how sure", None),
    ("asked_rows", "rows of notices", whole),
]


@not_built_yet(*CONVERSION)
def conversion(selection: Selection) -> Panel:
    """Conversion of each company by both formulas, sorted, with intervals."""
    rates = selection.rates
    if rates.empty:
        return Panel.without_rows(*CONVERSION, "No notice was shown here.")
    rates = rates.assign(sure=answers.sure_each(rates.to_dict("records")))
    corrected = rates[rates.formula == "corrected"].sort_values("value", ascending=False)
    doubts = {
        answers.UNDECIDED: "the data does not decide the weighting",
        answers.NO_RATE: "no row has a RATE",
    }
    without = corrected[~corrected.is_reliable]
    reasons = sorted(
        {
            doubts.get(doubt, "there are fewer than five rows of notices or choices")
            for doubt in without.doubt
        }
    )
    sure = corrected[corrected.doubt == 0]
    title = answers.conversion(
        list(sure.value),
        list(rates[rates.formula == "assignment"].value),
        int(corrected.doubt.min()),
    )
    who = counted(len(without), "company", "companies")
    note = f"A point without a line has no interval ({who}), because {' or '.join(reasons)}."
    return Panel(
        CONVERSION[0],
        title,
        "Choices per notice shown, by company. “assignment” is the assignment's formula, in which "
        "each row counts COUNT / RATE times; “corrected” uses the weighting that the data "
        "supports. Companies whose lines overlap cannot be told apart.",
        chart=rate_charts.conversion(rates, selection.order),
        table=DataTable(rates.sort_values(["formula", "value"], ascending=False), RATE_COLUMNS),
        notes=(note,) if len(without) else (),
    )


@not_built_yet(*STATUSES)
def statuses(selection: Selection) -> Panel:
    """Shares of the statuses among the choices, by company."""
    chosen = selection.totals[selection.totals.event_type == "consent.given"]
    if chosen.empty:
        return Panel.without_rows(*STATUSES)
    shares, of_all = _shares(chosen, "consent_status")
    return Panel(
        STATUSES[0],
        answers.statuses(of_all, int(chosen.row_count.sum())),
        "Share of each status among all choices, corrected weighting, with the companies in the "
        "same order as in the conversion chart. Empty: a choice without a status, mostly where "
        "only legitimate interest was offered. Hatched: fewer than five rows.",
        chart=rate_charts.shares(
            shares, "consent_status", theme.STATUSES, "share of choices (%)", selection.order
        ),
        table=DataTable(shares, _share_columns("consent_status", "choice")),
    )


@not_built_yet(*EVENT_TYPES)
def event_types(selection: Selection) -> Panel:
    """Shares of the event types, by company."""
    if selection.totals.empty:
        return Panel.without_rows(*EVENT_TYPES)
    shares, of_all = _shares(selection.totals, "event_type")
    return Panel(
        EVENT_TYPES[0],
        answers.event_types(of_all, int(selection.totals.row_count.sum())),
        "Share of each event type, corrected weighting. Few notices per page view is normal: "
        "people who have chosen are not asked again. Hatched: fewer than five rows.",
        chart=rate_charts.shares(
            shares, "event_type", theme.EVENT_TYPES, "share of events (%)", selection.order
        ),
        table=DataTable(shares, _share_columns("event_type", "event")),
    )


def _shares(rows: pd.DataFrame, column: str) -> tuple[pd.DataFrame, dict[str, float]]:
    """The shares of each company, and those of all companies together by value."""
    found = measures.shares(rows, column, ["company_id", "company"])
    sums = found.groupby(column).event_count.sum()
    return found, {str(name): float(share) for name, share in (sums / sums.sum()).items()}


def _share_columns(column: str, heading: str) -> list[Column]:
    return [
        ("company", "company", None),
        (column, heading, None),
        ("share", "share", percent),
        ("event_count", "events", whole),
        ("row_count", "rows", whole),
    ]


@not_built_yet(*REACH)
def reach(selection: Selection) -> Panel:
    """Events by country, on a map and in a table."""
    if selection.totals.empty:
        return Panel.without_rows(*REACH)
    keys = ["country_code", "country_name"]
    countries = measures.shares(selection.totals, keys[1], [keys[0]])
    countries["share"] = countries.event_count / countries.event_count.sum()
    rates = measures.conversion(selection.totals, keys)
    rates = rates[rates.formula == "corrected"]
    rates["sure"] = answers.sure_each(rates.to_dict("records"))
    kept = ["country_code", "value", "lower", "upper", "sure"]
    countries = countries.merge(rates[kept], on="country_code", how="left")
    countries = countries.sort_values("event_count", ascending=False)
    known = countries[countries.country_code != "unknown"]
    small = country_map.without_outline(known.country_code)
    too_small = f"{counted(small, 'country is', 'countries are')} too small for the map."
    top = ("", 0.0) if known.empty else (known.country_name.iloc[0], known.share.iloc[0])
    return Panel(
        REACH[0],
        answers.reach(len(known), *top),
        "Events by country, corrected weighting.",
        chart=country_map.reach(known) if len(known) else None,
        table=DataTable(countries, [
            ("country_name", "country", None),
            ("event_count", "events", whole),
            ("share", "share", percent),
            ("row_count", "rows", whole),
            ("value", "conversion", percent),
            ("sure", "how sure", None),
        ], limit=12),
        notes=(too_small,) if small else (),
        is_wide=True,
        is_table_open=True,
    )  # fmt: skip
