"""The sections of the page as HTML, and its controls: what the cells of the marimo app call."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any

import marimo
import pandas as pd

from dashboard.charts import theme
from dashboard.page import markup
from dashboard.page.cache import cached
from dashboard.panels import tiles
from dashboard.panels.catalogue import BY_COMPANY, FILTERED
from dashboard.panels.selection import Selection
from dashboard.queries import frames
from dashboard.queries.filters import Filters
from dashboard.queries.marts import Marts, NotBuiltError
from dashboard.text.formatting import counted
from database.address import resolve
from database.database_error import DatabaseError


@dataclass
class Start:
    """What the header and the controls need, or the `problem` that leaves nothing to show."""

    problem: str = ""
    companies: pd.DataFrame = field(default_factory=pd.DataFrame)
    choices: dict[str, list[Any]] = field(default_factory=dict)
    freshness: dict[str, Any] = field(default_factory=dict)


def open_marts() -> Marts:
    """The marts of the configured database; connects with the first query."""
    return Marts(resolve)


def start(marts: Marts) -> Start:
    """What is needed before the first view."""
    try:
        companies = Selection(marts).companies.reset_index()
        if companies.empty:
            return Start("No events are loaded yet: put files into input/ and run make run.")
        freshness = frames.freshness(marts)
        choices = cached("choices", Selection(marts), lambda chosen: frames.choices(chosen.marts))
        return Start("", companies, choices, freshness)
    except NotBuiltError:
        return Start("There are no figures yet: make run loads input/ and builds them.")
    except DatabaseError as error:
        return Start(str(error))


def controls(mo: Any, start: Start) -> tuple[Any, ...]:
    """The six filters, in the order that `select` takes; nothing chosen keeps everything."""
    names = dict(zip(start.companies.company, start.companies.company_id, strict=True))
    by_name = sorted(start.choices["countries"], key=lambda country: country[1])
    countries = {name: code for code, name in by_name}
    industries = sorted(set(start.companies.industry))
    first, last = start.choices["days"]
    return (
        mo.ui.multiselect(names, label="Company", full_width=True),
        mo.ui.multiselect(industries, label="Industry", full_width=True),
        mo.ui.multiselect(countries, label="Country", full_width=True),
        mo.ui.multiselect(start.choices["devices"], label="Device", full_width=True),
        mo.ui.multiselect(start.choices["sdks"], label="SDK", full_width=True),
        mo.ui.date_range(
            start=first, stop=last, value=(first, last), label="Days (UTC)", full_width=True
        ),
    )


def select(marts: Marts, *chosen: Any) -> Selection:
    """The marts through the values of the controls; controls left out keep everything."""
    values = [tuple(control.value or ()) for control in chosen]
    values += [()] * (6 - len(values))
    companies, industries, countries, devices, sdks, days = values
    first, last = days or (None, None)
    return Selection(marts, Filters(companies, industries, countries, devices, sdks, first, last))


def filter_bar(*controls: Any) -> str:
    """The controls in one row."""
    return '<div class="cp filters">' + "".join(f"<div>{c.text}</div>" for c in controls) + "</div>"


def header(start: Start, for_report: bool = False) -> str:
    """The title, what was loaded, and the sentence about the weighting."""
    title, hint = "Consent metrics", " Nothing chosen in a filter means everything."
    if for_report:
        title, hint = "Consent report", ""
    fresh = start.freshness
    loaded = f"; last load {fresh['loaded_at']:%Y-%m-%d %H:%M} UTC" if fresh["loaded_at"] else ""
    return (
        f'<div class="cp"><h1>{title}</h1>'
        f'<p class="sub">{counted(fresh["file_count"], "file")}, '
        f"{counted(len(start.companies), 'company', 'companies')} with events, "
        f"{counted(fresh['quarantine_count'], 'row')} in quarantine{loaded}.{hint}</p>"
        f'<p class="weighting">{escape(tiles.weighting(start.companies))}</p></div>'
    )


def filtered(selection: Selection) -> str:
    """Tiles and panels that follow every filter."""

    def tiles_and_panels(selection: Selection) -> str:
        if selection.totals.empty:
            return message("No event matches these filters. Widen them, or clear one.")
        panels = [make(selection) for make in FILTERED]
        return markup.tiles(tiles.tiles(selection)) + markup.panels(panels, _draw)

    return _section("filtered", selection, tiles_and_panels)


def by_company(selection: Selection) -> str:
    """Panels that follow the company and industry filters only."""
    return _section(
        "by company",
        selection,
        lambda chosen: markup.panels([make(chosen) for make in BY_COMPANY], _draw),
    )


def warm_up() -> None:
    """Makes the first view before somebody asks for it, and imports what that needs."""
    marts = open_marts()
    begin = start(marts)
    if not begin.problem:
        first, last = begin.choices["days"]
        filtered(Selection(marts, Filters(first=first, last=last)))
        by_company(Selection(marts))
        marts.close()


def _section(name: str, selection: Selection, make: Callable[[Selection], str]) -> str:
    """A section from the cache or made now; a sentence where the marts cannot be read."""
    try:
        return cached(name, selection, make)
    except NotBuiltError as error:
        return message(f"The models are not all there ({error}): make dbt-build builds them.")
    except DatabaseError as error:
        return message(str(error))


def footer() -> str:
    """The terms, explained."""
    return f'<div class="cp"><h2>In plain words</h2></div>{markup.glossary()}'


def message(sentence: str) -> str:
    """A sentence in place of a section."""
    return f'<div class="cp"><p class="weighting">{escape(sentence)}</p></div>'


@dataclass
class _Drawing:
    """A chart for marimo, which draws it offline, since its front end contains Vega.

    Not mo.ui.altair_chart, which adds selections to a chart.
    """

    spec: dict[str, Any]

    def _mime_(self) -> tuple[str, str]:
        return "application/vnd.vegalite.v6+json", json.dumps(self.spec)


def _draw(_: str, chart: theme.Spec) -> str:
    own = chart.get("usermeta", {}).get("embedOptions", {})
    options = {"actions": False, "renderer": "canvas", "logLevel": 1} | own
    config = {"config": theme.config(), "usermeta": {"embedOptions": options}}
    return marimo.as_html(_Drawing(chart | config)).text
