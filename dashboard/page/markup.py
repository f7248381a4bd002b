"""Tiles and panels as HTML, the same for page and report; only how a chart is drawn differs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from dashboard.charts.theme import Spec
from dashboard.panels.panel import EVERY_FILTER, Panel, Tile
from dashboard.text.glossary import TERMS

STYLE = Path(__file__).with_name("style.css")

Draw = Callable[[str, Spec], str]
"""Turns a panel's key and its chart into HTML."""


def tiles(shown: Sequence[Tile]) -> str:
    """The headline figures in one aligned row (two columns on a phone)."""
    cells = [
        f'<div class="tile {tile.formula}"><div class="label">{escape(tile.label)}</div>'
        f'<div class="value">{escape(tile.value)}</div>'
        f'<div class="detail">{escape(tile.detail)}</div></div>'
        for tile in shown
    ]
    return f'<div class="cp tiles">{"".join(cells)}</div>'


def panels(shown: Sequence[Panel], draw: Draw, with_scope: bool = True) -> str:
    """Panels in a grid: two columns where there is room."""
    cells = [_panel(panel, draw, with_scope) for panel in shown]
    return f'<div class="cp panels">{"".join(cells)}</div>'


def _panel(panel: Panel, draw: Draw, with_scope: bool) -> str:
    classes = "panel wide" if panel.is_wide else "panel"
    scope = panel.scope if with_scope and panel.scope != EVERY_FILTER else ""
    chart = draw(panel.key, panel.chart) if panel.chart is not None else ""
    body = chart + panel.table
    if chart and panel.table and panel.is_wide:
        body = f'<div class="split"><div>{chart}</div><div>{panel.table}</div></div>'
    return "".join(
        [
            f'<section class="{classes}" id="panel-{panel.key}"><h3>{escape(panel.title)}</h3>',
            f'<p class="scope">{escape(scope)}</p>' if scope else "",
            f'<p class="lead">{escape(panel.lead)}</p>' if panel.lead else "",
            body,
            *(f'<p class="note">{escape(note)}</p>' for note in panel.notes),
            "</section>",
        ]
    )


def glossary() -> str:
    """Every term with its explanation."""
    terms = "".join(
        f"<dt>{escape(term)}</dt><dd>{escape(meaning)}</dd>" for term, meaning in TERMS.items()
    )
    return f'<dl class="cp terms">{terms}</dl>'
