"""Data frames as tables: headings in words, figures written for people, and the rows as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import pandas as pd

LONG = 24
"""A text of at least so many characters gets a minimum width, or a phone breaks every word."""
MOST_ROWS = 400
"""More rows than that are only in the CSV."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet would run a text that begins with one of these."""

Column = tuple[str, str, Callable[[Any], str] | None]
"""Name in the frame, heading, and how a figure is written (None for a text)."""


@dataclass(frozen=True)
class Cell:
    """What a cell shows; `kind` is `figure`, `long` or empty, `order` is what sorting compares."""

    text: str
    kind: str = ""
    order: str = ""
    address: str = ""


@dataclass(frozen=True)
class DataTable:
    """Rows to show; where there are more than `limit` (0: none), the others need scrolling.

    `link` names the filter that the first cell of a row sets, and the column with its value.
    """

    frame: pd.DataFrame
    columns: list[Column]
    limit: int = 0
    link: tuple[str, str] | None = None

    @property
    def headings(self) -> list[Cell]:
        """The column headings."""
        return [Cell(heading, "figure" if write else "") for _, heading, write in self.columns]

    @property
    def rows(self) -> list[list[Cell]]:
        """The cells of the rows that a page can hold."""
        names = [name for name, _, _ in self.columns]
        shown = self.frame[names].head(MOST_ROWS)
        made = [
            [_cell(value, write) for value, (_, _, write) in zip(row, self.columns, strict=True)]
            for row in shown.itertuples(index=False, name=None)
        ]
        if self.link:
            values = self.frame[self.link[1]].head(MOST_ROWS)
            for row, value in zip(made, values, strict=True):
                if value != "all":
                    row[0] = replace(row[0], address=f"?{urlencode({self.link[0]: value})}")
        return made

    @property
    def rest(self) -> int:
        """How many rows are in the CSV only."""
        return max(len(self.frame) - MOST_ROWS, 0)

    def csv(self) -> str:
        """Every row, with figures as they are in the frame."""
        written = io.StringIO()
        rows = csv.writer(written)
        names = [name for name, _, _ in self.columns]
        rows.writerow(names)
        for row in self.frame[names].itertuples(index=False, name=None):
            rows.writerow(["" if _is_missing(value) else _harmless(value) for value in row])
        return written.getvalue()


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def _is_missing(value: Any) -> bool:
    return bool(value is None or value is pd.NaT or value != value)  # nan is not equal to itself


def _cell(value: Any, write: Callable[[Any], str] | None) -> Cell:
    kind = "figure" if write else ""
    if _is_missing(value):
        return Cell("–", kind, "")
    text = str(value) if write is None else write(value)
    if write is None and len(text) >= LONG:
        kind = "long"
    return Cell(text, kind, text.lower() if write is None else str(value))
