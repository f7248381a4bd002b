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
from dashboard.page import filter_controls, url_state
from dashboard.page.cache import cached
from dashboard.panels import company_table, tiles
from dashboard.panels.catalogue import BY_COMPANY, FILTERED
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
    """A part of the page: its HTML, and the charts that the script draws into it, by panel."""

    html: Markup
    charts: dict[str, theme.Spec] = field(default_factory=dict)
    tiles: Markup = Markup("")
    says: str = ""


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
        begin = cached("start", Selection(marts), lambda chosen: _start(chosen.marts))
        # A load changes this without a build, so it is not cached.
        return begin if begin.problem else replace(begin, freshness=frames.freshness(marts))
    except NotBuiltError:
        return Start(NO_FIGURES)
    except DatabaseError as error:
        return Start(str(error))


def _start(marts: Marts) -> Start:
    companies = Selection(marts).companies.reset_index()
    if companies.empty:
        return Start(NO_EVENTS)
    return Start("", companies, frames.choices(marts))


def filtered(selection: Selection, is_report: bool = False) -> Section:
    """Tiles and panels that every filter changes."""

    def make(selection: Selection) -> Section:
        if selection.totals.empty:
            return message(NO_MATCH)
        shown = tiles.tiles(selection)
        heading = TEMPLATES.get_template("tiles.html").render(tiles=shown)
        section = _panels(selection, [make(selection) for make in FILTERED], is_report)
        says = "; ".join(f"{tile.label}: {tile.value}" for tile in shown)
        return replace(section, tiles=Markup(heading), says=says)

    return _section(f"filtered {is_report}", selection, make)


def of_companies(
    name: str, makers: Sequence[Maker], selection: Selection, is_report: bool = False
) -> Section:
    """Panels that only the company and industry filters change."""
    return _section(
        f"{name} {is_report}",
        Selection(selection.marts, selection.filters.of_companies()),
        lambda chosen: _panels(chosen, [make(chosen) for make in makers], is_report),
    )


def told(marts: Marts, is_report: bool = False) -> Section:
    """The findings, over everything that is loaded."""

    def make(selection: Selection) -> Section:
        html = TEMPLATES.get_template("findings.html").render(
            findings=findings.findings(selection),
            caveats=findings.caveats(selection),
            is_report=is_report,
        )
        return Section(Markup(html))

    return _section(f"findings {is_report}", Selection(marts), make)


def panel_csv(selection: Selection, key: str) -> str | None:
    """The rows of a panel as CSV; None if the panel does not exist or is empty."""
    for make in (company_table.company_table, *FILTERED, *BY_COMPANY):
        panel = make(selection)
        if panel.key == key:
            return panel.table.csv() if panel.table else None
    return None


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
        results(Selection(marts))
        told(marts)
    marts.close()


@dataclass(frozen=True)
class Results:
    """What a filter changes."""

    filtered: Section
    table: Section
    more: Section

    @property
    def charts(self) -> dict[str, theme.Spec]:
        """The charts of all sections."""
        return self.filtered.charts | self.table.charts | self.more.charts


def results(selection: Selection, is_report: bool = False) -> Results:
    """All sections of a selection."""
    return Results(
        filtered(selection, is_report),
        of_companies("table", [company_table.company_table], selection, is_report),
        of_companies("more", BY_COMPANY, selection, is_report),
    )


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
        "results": results(Selection(marts, filters), is_report),
    }


def _section(name: str, selection: Selection, make: Callable[[Selection], Section]) -> Section:
    """A section from the cache or made now; a sentence where the marts cannot be read."""
    try:
        return cached(name, selection, make)
    except NotBuiltError as error:
        return message(f"The models are not all there ({error}): make dbt-build builds them.")
    except DatabaseError as error:
        return message(str(error))


def _panels(selection: Selection, panels: list[Panel], is_report: bool) -> Section:
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
