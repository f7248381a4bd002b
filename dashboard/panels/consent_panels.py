"""Panels of what people chose: they follow every filter."""

from __future__ import annotations

from dashboard.charts import country_map, rate_charts, theme
from dashboard.metrics import measures
from dashboard.panels.html_table import table
from dashboard.panels.panel import EVERY_FILTER, Panel
from dashboard.panels.selection import Selection
from dashboard.text.formatting import NO_BREAK, counted, interval, percent, whole


def conversion(selection: Selection) -> Panel:
    """Conversion of each company by both formulas, sorted, with intervals."""
    key, title = "conversion", "How many notices lead to a choice?"
    rates = measures.conversion(selection.totals, ["company_id", "company"])
    rates = rates[rates.value.notna()]
    if rates.empty:
        return Panel.without_rows(key, title, EVERY_FILTER, "No notice was shown here.")
    unreliable = int((~rates[rates.formula == "corrected"].is_reliable).sum())
    who = counted(unreliable, "company has", "companies have")
    note = f"{who} fewer than five notices or choices here: a point, no interval."
    return Panel(
        key,
        title,
        "Choices per notice shown, by company. “assignment” is the assignment's formula, in which "
        "each row counts COUNT / RATE times; “corrected” uses the weighting that the data "
        "supports. Companies whose bars overlap cannot be told apart.",
        chart=rate_charts.conversion(rates, selection.order),
        notes=(note,) if unreliable else (),
    )


def statuses(selection: Selection) -> Panel:
    """Shares of the statuses among the choices, by company."""
    key, title = "statuses", "What do people choose?"
    chosen = selection.totals[selection.totals.event_type == "consent.given"]
    if chosen.empty:
        return Panel.without_rows(key, title, EVERY_FILTER)
    shares = measures.shares(chosen, "consent_status", ["company_id", "company"])
    return Panel(
        key,
        title,
        "Share of each status among all choices, corrected weighting, with the companies in the "
        "same order as in the conversion chart. Empty: a choice without a status, mostly where "
        "only legitimate interest was offered.",
        chart=rate_charts.shares(
            shares, "consent_status", theme.STATUSES, "share of choices (%)", selection.order
        ),
    )


def event_types(selection: Selection) -> Panel:
    """Shares of the event types, by company."""
    key, title = "event-types", "What kinds of events arrive?"
    if selection.totals.empty:
        return Panel.without_rows(key, title, EVERY_FILTER)
    shares = measures.shares(selection.totals, "event_type", ["company_id", "company"])
    return Panel(
        key,
        title,
        "Share of each event type, corrected weighting. Few notices per page view is normal: "
        "people who have chosen are not asked again.",
        chart=rate_charts.shares(
            shares, "event_type", theme.EVENT_TYPES, "share of events (%)", selection.order
        ),
    )


def reach(selection: Selection) -> Panel:
    """Events by country, on a map and in a table."""
    key, title = "reach", "Where are they?"
    if selection.totals.empty:
        return Panel.without_rows(key, title, EVERY_FILTER)
    keys = ["country_code", "country_name"]
    countries = measures.shares(selection.totals, keys[1], [keys[0]])
    countries["share"] = countries.event_count / countries.event_count.sum()
    rates = measures.conversion(selection.totals, keys)
    rates = rates[rates.formula == "corrected"][["country_code", "value", "lower", "upper"]]
    countries = countries.merge(rates, on="country_code", how="left")
    bounds = zip(countries.lower, countries.upper, strict=True)
    countries["interval"] = [interval(lower, upper, 0) for lower, upper in bounds]
    countries = countries.sort_values("event_count", ascending=False)
    known = countries[countries.country_code != "unknown"]
    small = country_map.without_outline(known.country_code)
    too_small = f"{counted(small, 'country is', 'countries are')} too small for the map."
    return Panel(
        key,
        title,
        f"Events from {counted(len(known), 'country', 'countries')}, corrected weighting.",
        chart=country_map.reach(known),
        table=table(countries, [
            ("country_name", "country", None),
            ("event_count", "events", whole),
            ("share", "share", percent),
            ("row_count", "rows", whole),
            ("value", "conversion", percent),
            ("interval", f"95{NO_BREAK}% interval", str),
        ], limit=12),
        notes=(too_small,) if small else (),
        is_wide=True,
    )  # fmt: skip
