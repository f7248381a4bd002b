"""The answers to the assignment's questions in the terminal: `make summary`.

One table where the terminal is wide enough, else two, which fit 80 columns.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

import psycopg2
from rich.console import Console, JustifyMethod
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from dashboard.text.nothing_yet import NO_EVENTS, NO_FIGURES
from dashboard.text.weighting_sentence import NO_RATE, UNDECIDED, weighting
from database.address import Address, connect, failure, resolve
from database.database_error import DatabaseError
from database.datasets import in_target

Row = dict[str, Any]
"""A row of marts.company_overview."""

_OVERVIEW = """
select * from marts.company_overview
order by company_id = 'all', corrected_consent_conversion_rate desc nulls last, company_id
"""
_TOTALS = """
select
    (select count(*) from marts.fct_events) as events,
    (select count(*) from marts.dim_companies) as companies,
    (select count(*) from staging.stg_consent__events_quarantine) as quarantined
"""


def main() -> int:
    """Prints the summary; returns the exit code."""
    try:
        rows, [totals] = _answers(resolve())
    except (psycopg2.errors.UndefinedTable, psycopg2.errors.UndefinedColumn):
        print(NO_FIGURES, file=sys.stderr)
        return 1
    except DatabaseError as error:
        print(error, file=sys.stderr)
        return 1
    # Without rich's highlighter, which would colour every number and quoted word.
    _print(rows, totals, Console(highlight=False))
    return 0


def _answers(address: Address) -> list[list[Row]]:
    """The rows of the two queries."""
    with connect(address) as connection, connection.cursor() as cursor:
        answers = []
        for query in (_OVERVIEW, _TOTALS):
            try:
                cursor.execute(in_target(query))
            except (psycopg2.OperationalError, psycopg2.errors.InsufficientPrivilege) as error:
                raise failure(address, error) from None
            names = [column.name for column in cursor.description or ()]
            answers.append([dict(zip(names, row, strict=True)) for row in cursor.fetchall()])
        return answers


def _print(rows: list[Row], totals: Row, console: Console) -> None:
    if rows:
        for table in _tables(rows, console):
            console.print(table)
            console.print()
    companies = max(len(rows) - 1, 0)
    console.print(
        f"{totals['events']:,} event rows from {companies:,} of {totals['companies']:,} companies;"
        f" {totals['quarantined']:,} rows in quarantine."
    )
    if not rows:
        console.print(NO_EVENTS)
        return
    console.print(" ".join(_notes(rows)), markup=False)
    console.print(
        weighting([row["weighting_verdict"] for row in rows if row["company_id"] != "all"])
    )
    console.print("\nnext: make dashboard")


def _notes(rows: list[Row]) -> list[str]:
    """What the tables do not say by themselves; a mark is explained only where one is printed."""
    rates = [(row, name) for row in rows for name in _CONVERSIONS if row[name] is not None]
    without = [(row, name) for row, name in rates if not _has_interval(row, name)]
    notes = [
        "Both conversions are choices per notice shown (consent.given / consent.asked) with their"
        ' 95 % interval; they can exceed 100 %. "assignment" is the assignment\'s formula: each row'
        ' counts COUNT / RATE times, here in all counts and shares, too. "corrected" uses the'
        ' weighting that the data supports. "full" to "empty" are shares of the choices, "avg time"'
        " is the mean from notice to choice."
    ]
    if any(_is_counted(row, name) for row, name in rates):
        notes.append("(counted): nothing was sampled, so nothing is estimated.")
    if without:
        verdicts = {row["weighting_verdict"] for row, _ in without}
        reasons = [
            *(["the data does not decide the weighting"] if UNDECIDED in verdicts else []),
            *(["no row has a RATE"] if NO_RATE in verdicts else []),
            *(["there are too few rows"] if verdicts - {UNDECIDED, NO_RATE, _DIFFERS} else []),
        ]
        notes.append(f"( – ): no interval, because {' or '.join(reasons)}.")
    if not all(row["is_time_credible"] for row in rows):
        notes.append("avg time –: what was matched may be chance.")
    return notes


def _tables(rows: list[Row], console: Console) -> list[Table]:
    """The first layout that fits the terminal, else the narrowest."""
    options = console.options.update(width=1000)
    for columns in _LAYOUTS:
        for letters in (_UNCUT, _CUT):
            tables = [_table(rows, part, letters) for part in columns]
            widths = [Measurement.get(console, options, table).maximum for table in tables]
            if max(widths) <= console.width:
                return tables
    return tables


def _table(rows: list[Row], columns: Sequence[_Column], letters: dict[str, int]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for name, _, _ in columns:
        justify: JustifyMethod = "left" if name in letters else "right"
        width = letters.get(name)
        table.add_column(name, justify=justify, no_wrap=True, max_width=width, overflow="ellipsis")
    for row in rows:
        table.add_row(*(show(row, name) for _, name, show in columns))
    return table


def _text(row: Row, name: str) -> Text:
    """A text from a delivery, shown as it is.

    A plain string would be read as rich's markup, and control characters would reach the terminal.
    """
    return Text("".join(letter if letter.isprintable() else "?" for letter in row[name]))


def _rate(row: Row, name: str) -> str:
    """A rate and its interval: 79.4% (76–82), or 79.4% ( – ) where it has none."""
    if row[name] is None:
        return "–"
    rate = f"{row[name]:.1%}" if row[name] < 10 else f"{row[name]:,.0%}"
    if not _has_interval(row, name):
        return f"{rate} ( – )"
    if _is_counted(row, name):
        return f"{rate} (counted)"
    return f"{rate} ({100 * row[name + '_lower']:.0f}–{100 * row[name + '_upper']:.0f})"


def _has_interval(row: Row, name: str) -> bool:
    return bool(row[name + "_is_reliable"]) and row[name + "_lower"] is not None


def _is_counted(row: Row, name: str) -> bool:
    """Whether the interval of a rate has no width, because nothing was sampled."""
    return _has_interval(row, name) and math.isclose(row[name + "_lower"], row[name + "_upper"])


def _share(row: Row, name: str) -> str:
    return "–" if row[name] is None else f"{row[name]:.0%}"


def _count(row: Row, name: str) -> str:
    number = row[name]
    return f"{number:,.0f}" if number < 1e7 else f"{number / 1e6:,.1f}M"


def _seconds(row: Row, name: str) -> str:
    """A time, if it is credible."""
    if not row["is_time_credible"] or row[name] is None:
        return "–"
    return f"{row[name]:.1f} s" if row[name] < 100 else f"{row[name] / 60:.1f} min"


_Column = tuple[str, str, Callable[[Row, str], Text | str]]
"""Heading, column of the mart, and what shows its value in a row."""

_CONVERSIONS = ("consent_conversion_rate", "corrected_consent_conversion_rate")
_DIFFERS = "differs from company to company"
_UNCUT = {"company": 40, "industry": 40, "headquarters": 40}
_CUT = {"company": 14, "industry": 11, "headquarters": 14}
"""Most letters of a text."""

_COMPANY: _Column = ("company", "company_name", _text)
_VOLUME: tuple[_Column, ...] = (
    ("industry", "industry", _text),
    ("headquarters", "hq_country", _text),
    ("events", "event_count", _count),
    ("page views", "pageview_count", _count),
    ("asked", "consent_asked_count", _count),
    ("given", "consent_given_count", _count),
    ("actions", "ui_action_count", _count),
    ("countries", "country_count", _count),
)
_CONSENT: tuple[_Column, ...] = (
    ("assignment", _CONVERSIONS[0], _rate),
    ("corrected", _CONVERSIONS[1], _rate),
    ("full", "full_opt_in_share", _share),
    ("partial", "partial_opt_in_share", _share),
    ("out", "opt_out_share", _share),
    ("empty", "empty_share", _share),
    ("avg time", "mean_seconds_to_consent", _seconds),
    ("median", "median_seconds_to_consent", _seconds),
)
_NARROW = [
    [column for column in part if column[0] not in ("headquarters", "median")]
    for part in (_VOLUME, _CONSENT)
]
_LAYOUTS = (
    [[_COMPANY, *_VOLUME, *_CONSENT]],
    [[_COMPANY, *_NARROW[0], *_NARROW[1]]],
    [[_COMPANY, *_VOLUME], [_COMPANY, *_CONSENT]],
    [[_COMPANY, *_NARROW[0]], [_COMPANY, *_NARROW[1]]],
)
"""The tables that are printed, each as its columns; from wide to narrow."""


if __name__ == "__main__":
    sys.exit(main())
