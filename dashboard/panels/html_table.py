"""Data frames as HTML tables: figures on the right, text on the left, headings in words."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import pandas as pd

LONG = 24
"""A text of at least so many characters gets a minimum width, or a phone breaks every word."""

Column = tuple[str, str, Callable[[Any], str] | None]
"""Name in the frame, heading, and how a figure is written (None for a text)."""


def table(frame: pd.DataFrame, columns: list[Column], limit: int = 0) -> str:
    """The first `limit` rows (0: all) as a table, and how many more there are."""
    shown = frame.head(limit) if limit else frame
    head = "".join(
        f'<th scope="col"{_class(write)}>{escape(heading)}</th>' for _, heading, write in columns
    )
    body = "".join(f"<tr>{_cells(row, columns)}</tr>" for row in shown.to_dict("records"))
    rest = len(frame) - len(shown)
    more = f'<p class="more">… and {rest:,} more</p>' if rest else ""
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        f"</div>{more}"
    )


def _cells(row: dict[Any, Any], columns: list[Column]) -> str:
    cells = []
    for name, _, write in columns:
        value = row[name]
        if value is None or value is pd.NaT or value != value:  # nan is not equal to itself
            text = "–"
        else:
            text = str(value) if write is None else write(value)
        cells.append(f"<td{_class(write, text)}>{escape(text)}</td>")
    return "".join(cells)


def _class(write: object, text: str = "") -> str:
    if write is not None:
        return ' class="figure"'
    return ' class="long"' if len(text) >= LONG else ""
