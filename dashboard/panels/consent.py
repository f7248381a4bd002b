"""Panels of what people chose: they follow every filter."""

from __future__ import annotations

from dashboard import measures, words
from dashboard.charts import consent as charts
from dashboard.charts import theme, world
from dashboard.panels.panel import EVERY_FILTER, Panel
from dashboard.panels.table import table
from dashboard.panels.view import View


def conversion(view: View) -> Panel:
    """Conversion of each company as assigned and corrected, sorted, with intervals."""
    key, title = "conversion", "How many notices lead to a choice?"
    rates = measures.conversion(view.totals, ["company_id", "company"])
    rates = rates[rates.value.notna()]
    if rates.empty:
        return Panel.without_rows(key, title, EVERY_FILTER, "No notice was shown here.")
    return Panel(
        key,
        title,
        "Choices per notice shown, by company. The assignment weights rows by COUNT / RATE; the "
        "corrected weighting is what the delivery itself supports. Companies whose bars overlap "
        "cannot be told apart.",
        chart=charts.conversion(rates, view.order),
        notes=_unreliable(rates[rates.formula == "corrected"]),
    )


def statuses(view: View) -> Panel:
    """Shares of the statuses among the choices, by company."""
    key, title = "statuses", "What do people choose?"
    chosen = view.totals[view.totals.event_type == "consent.given"]
    if chosen.empty:
        return Panel.without_rows(key, title, EVERY_FILTER)
    parts = measures.parts(chosen, "consent_status", ["company_id", "company"])
    return Panel(
        key,
        title,
        "Share of each status among all choices, corrected weighting; companies as in the chart "
        "of conversion. Empty: a choice without a status, mostly where only legitimate interest "
        "was offered.",
        chart=charts.shares(
            parts, "consent_status", theme.STATUSES, "share of choices (%)", view.order
        ),
    )


def event_types(view: View) -> Panel:
    """Shares of the event types, by company."""
    key, title = "event-types", "What kinds of events arrive?"
    if view.totals.empty:
        return Panel.without_rows(key, title, EVERY_FILTER)
    parts = measures.parts(view.totals, "event_type", ["company_id", "company"])
    return Panel(
        key,
        title,
        "Share of each event type, corrected weighting. Few notices per page view is normal: "
        "people who have chosen are not asked again.",
        chart=charts.shares(
            parts, "event_type", theme.EVENT_TYPES, "share of events (%)", view.order
        ),
    )


def reach(view: View) -> Panel:
    """Events by country, on a map and in a table."""
    key, title = "reach", "Where are they?"
    if view.totals.empty:
        return Panel.without_rows(key, title, EVERY_FILTER)
    keys = ["country_code", "country_name"]
    places = measures.parts(view.totals, keys[1], [keys[0]]).drop(columns="share")
    places["share"] = places.event_count / places.event_count.sum()
    rates = measures.conversion(view.totals, keys)
    rates = rates[rates.formula == "corrected"][["country_code", "value", "lower", "upper"]]
    places = places.merge(rates, on="country_code", how="left")
    places["span"] = [words.span(a, b, 0) for a, b in zip(places.lower, places.upper, strict=True)]
    places = places.sort_values("event_count", ascending=False)
    known = places[places.country_code != "unknown"]
    small = world.without_outline(known.country_code)
    return Panel(
        key,
        title,
        f"Events from {words.many(len(known), 'country', 'countries')}, corrected weighting.",
        chart=world.reach(known),
        table=table(places, [
            ("country_name", "country", None),
            ("event_count", "events", words.whole),
            ("share", "share", words.percent),
            ("row_count", "rows", words.whole),
            ("value", "conversion", words.percent),
            ("span", f"95{words.GAP}% interval", str),
        ], limit=12),
        notes=(f"{words.many(small, 'country is', 'countries are')} too small for the map.",)
        if small else (),
        is_wide=True,
    )  # fmt: skip


def _unreliable(rates: object) -> tuple[str, ...]:
    missing = int((~rates["is_reliable"]).sum())  # type: ignore[index]
    if not missing:
        return ()
    who = words.many(missing, "company has", "companies have")
    return (f"{who} fewer than five notices or choices here: a point, no interval.",)
