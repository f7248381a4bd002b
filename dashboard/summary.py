"""The headline metrics in the terminal, at 80 columns: `make summary`."""

from __future__ import annotations

import sys
from typing import Any

import psycopg2
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dashboard.weighting_sentence import weighting
from database.address import Address, connect, failure, resolve
from database.database_error import DatabaseError

_COMPANIES = """
select
    p.company_id, p.industry, p.event_count, p.country_count,
    c.consent_conversion_rate, c.consent_conversion_rate_lower, c.consent_conversion_rate_upper,
    c.corrected_consent_conversion_rate, c.corrected_consent_conversion_rate_lower,
    c.corrected_consent_conversion_rate_upper,
    case when c.consent_given_row_count > 0 then coalesce((
        select s.corrected_event_share from marts.company_consent_status as s
        where s.company_id = p.company_id and s.scope = 'choices'
        and s.consent_status = 'full opt-in'
    ), 0) end as full_opt_in_share
from marts.company_performance as p
join marts.company_consent_conversion as c on c.company_id = p.company_id
where p.event_row_count > 0
order by c.corrected_consent_conversion_rate desc nulls last, p.company_id
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
    (select count(*) from consent_raw.events_quarantine)
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
        for query in (_COMPANIES, _WEIGHTINGS, _TOTALS):
            try:
                cursor.execute(query)
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
    console.print(_table(rows))
    events, companies, quarantined = totals
    console.print(
        f"{events:,} event rows from {len(rows):,} of {companies:,} companies;"
        f" {quarantined:,} rows in quarantine."
    )
    console.print(
        "Both rates are choices per notice shown (consent.given / consent.asked) with their 95 % "
        'interval; they can exceed 100 %. "assignment" is the assignment\'s formula, in which each '
        'row counts COUNT / RATE times ("events" too); "corrected" uses the weighting that the '
        'data supports. "full" is the share of full opt-ins among the choices. –: too few rows.'
    )
    console.print(weighting(*weightings))


def _table(rows: list[tuple[Any, ...]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("company", no_wrap=True)
    table.add_column("industry", no_wrap=True, max_width=11, overflow="ellipsis")
    for name in ("events", "countries", "assignment", "corrected", "full"):
        table.add_column(name, justify="right", no_wrap=True)
    for company, industry, events, countries, *rates, full in rows:
        counts = [f"{events:,.0f}", f"{countries:,}"]
        shown = [_rate(*rates[:3]), _rate(*rates[3:]), _percent(full, 0)]
        table.add_row(_plain(company[:8]), _plain(industry), *counts, *shown)
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
    return f"{_percent(rate)} ({100 * lower:.0f}–{100 * upper:.0f})"


def _percent(share: float | None, digits: int = 1) -> str:
    return "–" if share is None else f"{share:.{digits}%}"


if __name__ == "__main__":
    sys.exit(main())
