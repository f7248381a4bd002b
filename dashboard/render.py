"""Tiles and panels as HTML, for the page and for the report; how a chart is drawn is theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from dashboard.charts.theme import Spec
from dashboard.panels.panel import EVERY_FILTER, Panel, Tile
from dashboard.words import TERMS

STYLE = Path(__file__).with_name("style.css")

Draw = Callable[[str, Spec], str]
"""Key of the panel and its chart -> HTML."""


def tiles(shown: Sequence[Tile]) -> str:
    """The headline figures in one aligned row (two columns on a phone)."""
    return '<div class="cp tiles">' + "".join(_tile(tile) for tile in shown) + "</div>"


def _tile(tile: Tile) -> str:
    return (
        f'<div class="tile {tile.formula}"><div class="label">{escape(tile.label)}</div>'
        f'<div class="value">{escape(tile.value)}</div>'
        f'<div class="detail">{escape(tile.detail)}</div></div>'
    )


def panels(shown: Sequence[Panel], draw: Draw, with_scope: bool = True) -> str:
    """Panels in a grid: two columns where there is room."""
    return (
        '<div class="cp panels">' + "".join(_panel(p, draw, with_scope) for p in shown) + "</div>"
    )


def _panel(panel: Panel, draw: Draw, with_scope: bool) -> str:
    classes = "panel wide" if panel.is_wide else "panel"
    note = with_scope and panel.scope != EVERY_FILTER
    parts = [
        f'<section class="{classes}" id="panel-{panel.key}"><h3>{escape(panel.title)}</h3>',
        f'<p class="scope">{escape(panel.scope)}</p>' if note else "",
        f'<p class="lead">{escape(panel.lead)}</p>' if panel.lead else "",
        _body(panel, draw),
        *(f'<p class="note">{escape(note)}</p>' for note in panel.notes),
        "</section>",
    ]
    return "".join(parts)


def _body(panel: Panel, draw: Draw) -> str:
    """Chart and table, beside each other where both are there and the panel is wide."""
    chart = draw(panel.key, panel.chart) if panel.chart is not None else ""
    if not (chart and panel.table and panel.is_wide):
        return chart + panel.table
    return f'<div class="split"><div>{chart}</div><div>{panel.table}</div></div>'


def glossary() -> str:
    """Every term in plain words."""
    terms = "".join(f"<dt>{escape(t)}</dt><dd>{escape(words)}</dd>" for t, words in TERMS.items())
    return f'<dl class="cp terms">{terms}</dl>'
