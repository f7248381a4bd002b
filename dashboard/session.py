"""What the page's cells call: controls, and the HTML of each part."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any

import marimo
import pandas as pd
import psycopg2

from dashboard import data, render, words
from dashboard.charts import theme
from dashboard.filters import Filters
from dashboard.memory import remembered
from dashboard.panels import tiles
from dashboard.panels.catalogue import BY_COMPANY, FILTERED
from dashboard.panels.view import View
from database.address import resolve
from database.database_error import DatabaseError

SILENCE = "The database does not answer: make db-status says more."
_HINT = " Nothing chosen in a filter means everything."


@dataclass
class Start:
    """What the controls offer, or the sentence that says why there is nothing to show."""

    problem: str = ""
    companies: pd.DataFrame = field(default_factory=pd.DataFrame)
    choices: dict[str, list[Any]] = field(default_factory=dict)
    freshness: dict[str, Any] = field(default_factory=dict)


def open_marts() -> data.Marts:
    """The marts of the configured database, which is looked for with the first query."""
    return data.Marts(resolve)


def start(marts: data.Marts) -> Start:
    """What is needed before the first view."""
    try:
        companies = View(marts).companies.reset_index()
        if companies.empty:
            return Start("No events are loaded yet: put files into input/ and run make run.")
        fresh = data.freshness(marts).iloc[0].to_dict()
        choices = remembered("choices", View(marts), lambda view: data.choices(view.marts))
        return Start("", companies, choices, fresh)
    except data.NotBuiltError:
        return Start("There are no figures yet: make run loads input/ and builds them.")
    except DatabaseError as error:
        return Start(str(error))
    except psycopg2.OperationalError:
        return Start(SILENCE)


def controls(mo: Any, start: Start) -> tuple[Any, ...]:
    """The six filters; nothing chosen means everything."""
    names = dict(zip(start.companies.company, start.companies.company_id, strict=True))
    places = {name: code for code, name in sorted(start.choices["countries"], key=lambda c: c[1])}
    first, last = start.choices["days"]
    return (
        mo.ui.multiselect(names, label="Company", full_width=True),
        mo.ui.multiselect(sorted(set(start.companies.industry)), label="Industry", full_width=True),
        mo.ui.multiselect(places, label="Country", full_width=True),
        mo.ui.multiselect(start.choices["devices"], label="Device", full_width=True),
        mo.ui.multiselect(start.choices["sdks"], label="SDK", full_width=True),
        mo.ui.date_range(
            start=first, stop=last, value=(first, last), label="Days (UTC)", full_width=True
        ),
    )


def view(marts: data.Marts, *chosen: Any) -> View:
    """The marts through the values of the controls, in the order of `controls`."""
    values = [tuple(control.value or ()) for control in chosen]
    values += [()] * (6 - len(values))
    companies, industries, countries, devices, sdks, days = values
    first, last = days or (None, None)
    return View(marts, Filters(companies, industries, countries, devices, sdks, first, last))


def filter_bar(*controls: Any) -> str:
    """The controls in one row."""
    return '<div class="cp filters">' + "".join(f"<div>{c.text}</div>" for c in controls) + "</div>"


def header(start: Start, for_report: bool = False) -> str:
    """Title, what the figures are of, and the sentence about the weighting."""
    title, hint = ("Consent report", "") if for_report else ("Consent metrics", _HINT)
    fresh = start.freshness
    loaded = f"; last load {fresh['loaded_at']:%Y-%m-%d %H:%M} UTC" if fresh["loaded_at"] else ""
    return (
        f'<div class="cp"><h1>{title}</h1>'
        f'<p class="sub">{words.many(fresh["file_count"], "file")}, '
        f"{words.many(len(start.companies), 'company', 'companies')} with events, "
        f"{words.many(fresh['quarantine_count'], 'row')} in quarantine{loaded}.{hint}</p>"
        f'<p class="weighting">{escape(tiles.weighting(start.companies))}</p></div>'
    )


def filtered(view: View) -> str:
    """Tiles and panels that follow every filter."""
    return _part("filtered", view, _filtered)


def by_company(view: View) -> str:
    """Panels that follow company and industry only."""
    return _part("by company", view, _by_company)


def warm_up() -> None:
    """Makes the first view before somebody asks for it; imports what that needs."""
    marts = open_marts()
    begin = start(marts)
    if not begin.problem:
        first, last = begin.choices["days"]
        filtered(View(marts, Filters(first=first, last=last)))
        by_company(View(marts))
        marts.close()


def _part(name: str, view: View, make: Callable[[View], str]) -> str:
    """A part of the page, or a sentence where the database is gone or being built anew."""
    try:
        return remembered(name, view, make)
    except data.NotBuiltError as error:
        return message(f"The models are not all there ({error}): make dbt-build builds them.")
    except (DatabaseError, psycopg2.Error):
        return message(SILENCE)


def _filtered(view: View) -> str:
    if view.totals.empty:
        return message("No event matches these filters. Widen them, or clear one.")
    shown = [make(view) for make in FILTERED]
    return render.tiles(tiles.tiles(view)) + render.panels(shown, _draw)


def _by_company(view: View) -> str:
    return render.panels([make(view) for make in BY_COMPANY], _draw)


def footer() -> str:
    """The words, explained."""
    return f'<div class="cp"><h2>In plain words</h2></div>{render.glossary()}'


def message(sentence: str) -> str:
    """A sentence in place of a view."""
    return f'<div class="cp"><p class="weighting">{escape(sentence)}</p></div>'


@dataclass
class _Drawing:
    """A chart as marimo draws it: with the Vega in its own front end, offline."""

    spec: dict[str, Any]

    def _mime_(self) -> tuple[str, str]:
        return "application/vnd.vegalite.v6+json", json.dumps(self.spec)


def _draw(_: str, chart: theme.Spec) -> str:
    own = chart.get("usermeta", {}).get("embedOptions", {})
    options = {"actions": False, "renderer": "canvas", "logLevel": 1} | own
    config = {"config": theme.config(), "usermeta": {"embedOptions": options}}
    drawing = _Drawing(chart | config)
    return marimo.as_html(drawing).text
