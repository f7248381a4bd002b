"""The headline metrics in the terminal, at 80 columns: `make summary`."""

from __future__ import annotations

import sys
from typing import Any

import psycopg2
from rich.console import Console
from rich.table import Table

from database.address import connect, resolve
from database.errors import DatabaseError

_HEADLINE = """
select
    p.company_id, p.industry, p.hq_country, p.event_count, p.country_count,
    c.consent_asked_count, c.consent_given_count, c.consent_conversion_rate,
    (
        select s.event_share from marts.company_consent_status as s
        where s.company_id = p.company_id and s.scope = 'choices'
        and s.consent_status = 'full opt-in'
    ) as full_opt_in_share
from marts.company_performance as p
join marts.company_consent_conversion as c on c.company_id = p.company_id
where p.event_row_count > 0
order by c.consent_conversion_rate desc nulls last, p.company_id
"""
_TOTALS = """
select
    (select count(*) from marts.fct_events), (select count(*) from marts.dim_companies),
    (select count(*) from consent_raw.events_quarantine)
"""


def main() -> int:
    """Prints the summary; returns the exit code."""
    try:
        with connect(resolve()) as connection, connection.cursor() as cursor:
            cursor.execute(_HEADLINE)
            rows = cursor.fetchall()
            cursor.execute(_TOTALS)
            totals = cursor.fetchone()
    except psycopg2.errors.UndefinedTable:
        print("There are no marts yet: make run loads and builds them.", file=sys.stderr)
        return 1
    except DatabaseError as error:
        print(error, file=sys.stderr)
        return 1
    _print(rows, totals, Console())
    return 0


def _print(rows: list[tuple[Any, ...]], totals: tuple[int, int, int], console: Console) -> None:
    if not rows:
        console.print("No events are loaded yet.")
        return
    console.print(_table(rows))
    events, companies, quarantined = totals
    console.print(
        f"{events:,} events; {companies:,} companies, {len(rows):,} of them with events;"
        f" {quarantined:,} rows in quarantine."
    )
    console.print(
        "Counts are COUNT / RATE, as the brief has it. Conversion is consent.given /\n"
        "consent.asked; it can exceed 1. Where COUNT is already the weight, it is an\n"
        "artefact: SOLUTION.md, caveats."
    )


def _table(rows: list[tuple[Any, ...]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("company", no_wrap=True)
    table.add_column("industry", no_wrap=True, max_width=16, overflow="ellipsis")
    table.add_column("HQ", no_wrap=True, max_width=8, overflow="ellipsis")
    for name in ("events", "lands", "asked", "given", "conv.", "full"):
        table.add_column(name, justify="right", no_wrap=True)
    for company, industry, country, events, lands, asked, given, rate, full in rows:
        counts = [f"{value:,.0f}" for value in (events, lands, asked, given)]
        shares = [_percent(rate), _percent(full)]
        table.add_row(company[:8], industry, country, *counts, *shares)
    return table


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


if __name__ == "__main__":
    sys.exit(main())
