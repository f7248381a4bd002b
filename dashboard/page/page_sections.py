"""What the page and the report show, made from panels by the same templates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dashboard import findings
from dashboard.charts import theme
from dashboard.page import cache, filter_controls, url_state
from dashboard.panels import tiles
from dashboard.panels.catalogue import CHOICES, PANELS, ROOMS, Room
from dashboard.panels.company_table import company_table
from dashboard.panels.panel import EVERY_FILTER, Maker, Panel
from dashboard.panels.selection import Selection
from dashboard.queries import frames
from dashboard.queries.filters import ALL, Filters
from dashboard.queries.marts import Marts, NotBuiltError
from dashboard.text.glossary import TERMS
from dashboard.text.nothing_yet import NO_EVENTS, NO_FIGURES
from dashboard.text.weighting_sentence import weighting
from database.address import resolve
from database.database_error import DatabaseError

NO_MATCH = "No event matches these filters. Widen them, or clear one."


@dataclass
class Start:
    """What the header and the controls need, or the `problem` that leaves nothing to show."""

    problem: str = ""
    companies: pd.DataFrame = field(default_factory=pd.DataFrame)
    choices: dict[str, list[Any]] = field(default_factory=dict)
    freshness: dict[str, Any] = field(default_factory=dict)

    @property
    def weighting(self) -> str:
        """The sentence about the weighting."""
        return weighting(self.companies.weighting_verdict)


@dataclass(frozen=True)
class Section:
    """A part of the page: its HTML, the charts that the script draws into it, and what it says.

    `charts` are by panel; `says` is read out to those who cannot see the change.
    """

    html: Markup
    charts: dict[str, theme.Spec] = field(default_factory=dict)
    says: str = ""


@dataclass(frozen=True)
class RoomPart:
    """A room of a selection; the page asks `address` for a room that has no section yet."""

    room: Room
    address: str
    section: Section | None


def json_text(data: object) -> Markup:
    """Data inside a script element; without any <, since <!-- and </script> would end it."""
    text = orjson.dumps(data, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
    return Markup(text.decode().replace("<", "\\u003c"))


def environment() -> Environment:
    """The templates, in which every text is escaped."""
    folder = Path(__file__).with_name("templates")
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"every_filter": EVERY_FILTER}
    made.filters["json"] = json_text
    return made


TEMPLATES = environment()


def open_marts() -> Marts:
    """The marts of the configured database; connects with the first query."""
    return Marts(resolve)


def start(marts: Marts) -> Start:
    """What is needed before the first view."""
    try:
        begin = cache.cached("start", cache.selection(marts), _start)
        # A load changes this without a build, so it is not cached.
        return begin if begin.problem else replace(begin, freshness=frames.freshness(marts))
    except NotBuiltError:
        return Start(NO_FIGURES)
    except DatabaseError as error:
        return Start(str(error))


def _start(everything: Selection) -> Start:
    companies = everything.companies.reset_index()
    if companies.empty:
        return Start(NO_EVENTS)
    return Start("", companies, frames.choices(everything.marts))


def summary(selection: Selection, is_report: bool = False) -> Section:
    """The tiles, which every filter changes, and the table of companies."""

    def make(selection: Selection) -> Section:
        return _panels(_of_companies(selection), [company_table], is_report)

    table = _section(f"table {is_report}", _of_companies(selection), make)
    heading = _section("tiles", selection, _tiles)
    return replace(table, html=heading.html + table.html, says=heading.says)


def _tiles(selection: Selection) -> Section:
    if selection.totals.empty:
        return message(NO_MATCH)
    shown = tiles.tiles(selection)
    html = TEMPLATES.get_template("tiles.html").render(tiles=shown)
    return Section(Markup(html), says="; ".join(f"{tile.label}: {tile.value}" for tile in shown))


def room(place: Room, selection: Selection, is_report: bool = False) -> Section:
    """The panels of a room."""

    def make(selection: Selection) -> Section:
        if place.scope == EVERY_FILTER and selection.totals.empty:
            return message(NO_MATCH)
        return _panels(selection, place.panels, is_report)

    return _section(f"{place.key} {is_report}", _in_scope(place, selection), make)


def _in_scope(place: Room, selection: Selection) -> Selection:
    return selection if place.scope == EVERY_FILTER else _of_companies(selection)


def _of_companies(selection: Selection) -> Selection:
    return cache.of_build(selection.marts, selection.build, selection.filters.of_companies())


def told(marts: Marts, is_report: bool = False) -> Section:
    """The findings, over everything that is loaded."""

    def make(selection: Selection) -> Section:
        html = TEMPLATES.get_template("findings.html").render(
            findings=findings.findings(selection),
            caveats=findings.caveats(selection),
            is_report=is_report,
        )
        return Section(Markup(html))

    return _section(f"findings {is_report}", cache.selection(marts), make)


def panel_csv(selection: Selection, key: str) -> str | None:
    """The rows of a panel as CSV; None if the panel does not exist or is empty."""
    panel = PANELS[key](selection) if key in PANELS else None
    return panel.table.csv() if panel and panel.table else None


def csv_inside(panel: Panel) -> str:
    """The rows of a panel as an address that holds them, for the report."""
    return f"data:text/csv;charset=utf-8,{quote(panel.table.csv())}" if panel.table else ""


def message(sentence: str) -> Section:
    """A sentence in place of a section."""
    return Section(Markup('<p class="statement">{}</p>').format(sentence), says=sentence)


def warm_up() -> None:
    """Makes the first view before somebody asks for it, and imports what that needs."""
    marts = open_marts()
    if not start(marts).problem:
        results(cache.selection(marts))
        told(marts)
    marts.close()


@dataclass(frozen=True)
class Results:
    """What a filter changes, and the number of the models' build."""

    summary: Section
    rooms: list[RoomPart]
    build: int


def results(selection: Selection, is_report: bool = False) -> Results:
    """Summary and rooms of a selection; on the page the first room only."""
    selection.read_ahead()
    rooms = [
        RoomPart(
            place,
            f"room/{key}{url_state.address(_in_scope(place, selection).filters)}",
            room(place, selection, is_report) if is_report or place is CHOICES else None,
        )
        for key, place in ROOMS.items()
    ]
    return Results(summary(selection, is_report), rooms, selection.build)


def document(marts: Marts, filters: Filters = ALL, is_report: bool = False, **more: Any) -> str:
    """The page or the report; `more` is where its style and script are."""
    begin = start(marts)
    values = {} if begin.problem else _of_filters(begin, marts, filters, is_report)
    return TEMPLATES.get_template("document.html").render(
        **values,
        problem=begin.problem,
        findings=message("") if begin.problem else told(marts, is_report),
        is_report=is_report,
        looks={"light": theme.config(), "dark": theme.config(dark=True), "on_dark": theme.ON_DARK},
        terms=TERMS,
        now=f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC",
        **more,
    )


def part(marts: Marts, filters: Filters) -> str:
    """Only what a filter changes: the controls and the results."""
    begin = start(marts)
    if begin.problem:
        return f'<div id="chips"></div><div id="results">{message(begin.problem).html}</div>'
    values = _of_filters(begin, marts, filters)
    return TEMPLATES.get_template("part.html").render(**values, is_report=False)


def room_part(marts: Marts, filters: Filters, key: str) -> str:
    """A room alone, with its charts."""
    try:
        section = room(ROOMS[key], cache.selection(marts, filters))
    except DatabaseError as error:
        section = message(str(error))
    return TEMPLATES.get_template("room.html").render(section=section)


def _of_filters(
    begin: Start, marts: Marts, filters: Filters, is_report: bool = False
) -> dict[str, Any]:
    offered = filter_controls.controls(begin.companies, begin.choices, filters)
    return {
        "start": begin,
        "controls": offered,
        "chips": filter_controls.chips(offered, filters),
        "days": filter_controls.days(begin.choices),
        "filters": filters,
        "results": results(cache.selection(marts, filters), is_report),
    }


def _section(name: str, selection: Selection, make: Callable[[Selection], Section]) -> Section:
    """A section from the cache or made now; a sentence where the marts cannot be read."""
    try:
        return cache.cached(name, selection, make)
    except NotBuiltError as error:
        return message(f"The models are not all there ({error}): make dbt-build builds them.")
    except DatabaseError as error:
        return message(str(error))


def _panels(selection: Selection, makers: Sequence[Maker], is_report: bool) -> Section:
    panels = [make(selection) for make in makers]
    query = url_state.address(selection.filters)
    shown = [
        (panel, csv_inside(panel) if is_report else f"csv/{panel.key}.csv{query}")
        for panel in panels
    ]
    html = TEMPLATES.get_template("panels.html").render(
        panels=shown,
        is_report=is_report,
    )
    charts = {panel.key: panel.chart for panel in panels if panel.chart}
    return Section(Markup(html), charts)
