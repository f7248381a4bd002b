"""Frames as HTML tables: figures right, texts left, headings in words."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import pandas as pd

LONG = 24
"""Characters from which on a text is given room, where a narrow screen would break it apart."""

Column = tuple[str, str, Callable[[Any], str] | None]
"""Name in the frame, heading, how a figure is written (None: a text)."""


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
    texts = [(_text(row[name], write), write) for name, _, write in columns]
    return "".join(f"<td{_class(write, text)}>{escape(text)}</td>" for text, write in texts)


def _text(value: Any, write: Callable[[Any], str] | None) -> str:
    if value is None or value is pd.NaT or value != value:
        return "–"
    return str(value) if write is None else write(value)


def _class(write: object, text: str = "") -> str:
    if write is not None:
        return ' class="figure"'
    return ' class="long"' if len(text) >= LONG else ""
