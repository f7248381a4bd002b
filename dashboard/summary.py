"""The answers to the assignment's questions in the terminal: `make summary`.

One table where the terminal is wide enough, else two that fit 80 columns.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import psycopg2
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from dashboard.weighting_sentence import weighting
from database.address import Address, connect, failure, resolve
from database.database_error import DatabaseError
from database.datasets import in_target

WIDE = 150
"""Columns that one table of everything needs."""

_LETTERS = {"company": 14, "industry": 11}
"""Most letters of a text; with longer ones two tables would not fit 80 columns."""

_OVERVIEW = """
select
    company_name, industry, event_count, pageview_count, consent_asked_count, consent_given_count,
    ui_action_count, country_count,
    consent_conversion_rate, consent_conversion_rate_lower, consent_conversion_rate_upper,
    corrected_consent_conversion_rate, corrected_consent_conversion_rate_lower,
    corrected_consent_conversion_rate_upper,
    full_opt_in_share, partial_opt_in_share, opt_out_share, empty_share,
    case when is_time_credible then mean_seconds_to_consent end as mean_seconds_to_consent
from marts.company_overview
order by company_id = 'all', corrected_consent_conversion_rate desc nulls last, company_id
"""
_WEIGHTINGS = """
select
    count(distinct company_id),
    count(distinct company_id) filter (where is_weighting_decided and weighting_used = 'count'),
    count(distinct company_id) filter (where not is_weighting_decided)
from marts.sampling_diagnosis
"""
_TOTALS = """
select
    (select count(*) from marts.fct_events), (select count(*) from marts.dim_companies),
    (select count(*) from staging.stg_consent__events_quarantine)
"""


def main() -> int:
    """Prints the summary; returns the exit code."""
    try:
        answers = _answers(resolve())
    except (psycopg2.errors.UndefinedTable, psycopg2.errors.UndefinedColumn):
        print("There are no figures yet: make run loads input/ and builds them.", file=sys.stderr)
        return 1
    except DatabaseError as error:
        print(error, file=sys.stderr)
        return 1
    rows, [weightings], [totals] = answers
    _print(rows, weightings, totals, Console())
    return 0


def _answers(address: Address) -> list[list[tuple[Any, ...]]]:
    """The rows of the three queries."""
    with connect(address) as connection, connection.cursor() as cursor:
        answers = []
        for query in (_OVERVIEW, _WEIGHTINGS, _TOTALS):
            try:
                cursor.execute(in_target(query))
                answers.append(cursor.fetchall())
            except (psycopg2.OperationalError, psycopg2.errors.InsufficientPrivilege) as error:
                raise failure(address, error) from None
        return answers


def _print(
    rows: list[tuple[Any, ...]],
    weightings: tuple[int, int, int],
    totals: tuple[int, int, int],
    console: Console,
) -> None:
    if not rows:
        console.print("No events are loaded yet.")
        return
    tables = (_VOLUME, _CONSENT) if console.width < WIDE else (_VOLUME + _CONSENT[1:],)
    for columns in tables:
        console.print(_table(rows, columns))
        console.print()
    events, companies, quarantined = totals
    console.print(
        f"{events:,} event rows from {len(rows) - 1:,} of {companies:,} companies;"
        f" {quarantined:,} rows in quarantine."
    )
    console.print(
        "Both conversions are choices per notice shown (consent.given / consent.asked) with their"
        ' 95 % interval; they can exceed 100 %. "assignment" is the assignment\'s formula, in which'
        " each row counts COUNT / RATE times (all counts and shares here, too);"
        ' "corrected" uses the weighting that the data supports. (counted): nothing was sampled.'
        ' "full" to "empty" are shares of the choices. –: too few rows, or a time that may be'
        " chance."
    )
    console.print(weighting(*weightings))
    console.print("\nnext: make dashboard")


def _table(rows: list[tuple[Any, ...]], columns: tuple[_Column, ...]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for name, _, _ in columns:
        letters = _LETTERS.get(name)
        justify: JustifyMethod = "left" if letters else "right"
        table.add_column(
            name, justify=justify, no_wrap=True, max_width=letters, overflow="ellipsis"
        )
    for row in rows:
        table.add_row(
            *(show(*row[place : place + _PARTS.get(show, 1)]) for _, place, show in columns)
        )
    return table


def _plain(text: str) -> Text:
    """A text from a delivery, shown as it is.

    A plain string would be read as rich's markup, and control characters would reach the terminal.
    """
    return Text("".join(letter if letter.isprintable() else "?" for letter in text))


def _rate(rate: float | None, lower: float | None, upper: float | None) -> str:
    """A rate and its interval: 79.4% (76–82), or 79.4% ( – ) where there are too few rows."""
    if lower is None or upper is None:
        return f"{_percent(rate)} ( – )" if rate is not None else "–"
    if math.isclose(lower, upper):
        return f"{_percent(rate)} (counted)"
    return f"{_percent(rate)} ({100 * lower:.0f}–{100 * upper:.0f})"


def _percent(share: float | None, digits: int = 1) -> str:
    return "–" if share is None else f"{share:.{digits}%}"


def _count(number: float) -> str:
    return f"{number:,.0f}" if number < 1e7 else f"{number / 1e6:,.1f}M"


def _seconds(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.1f} s"


def _whole_percent(share: float | None) -> str:
    return _percent(share, 0)


_Column = tuple[str, int, Callable[..., Text | str]]
"""Heading, place in the rows of _OVERVIEW, and what shows the value that is there."""

_PARTS: dict[Callable[..., Text | str], int] = {_rate: 3}
"""What shows several values: a rate with its interval."""

_COMPANY: _Column = ("company", 0, _plain)
_VOLUME: tuple[_Column, ...] = (
    _COMPANY,
    ("industry", 1, _plain),
    ("events", 2, _count),
    ("page views", 3, _count),
    ("asked", 4, _count),
    ("given", 5, _count),
    ("actions", 6, _count),
    ("countries", 7, _count),
)
_CONSENT: tuple[_Column, ...] = (
    _COMPANY,
    ("assignment", 8, _rate),
    ("corrected", 11, _rate),
    ("full", 14, _whole_percent),
    ("partial", 15, _whole_percent),
    ("out", 16, _whole_percent),
    ("empty", 17, _whole_percent),
    ("avg time", 18, _seconds),
)


if __name__ == "__main__":
    sys.exit(main())
