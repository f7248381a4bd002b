"""Erases a person from the database for good.

    python -m pipelines.erase_person --user-id ID [--company KEY] [--input PLACE]
    python -m pipelines.erase_person --token TIME [--company KEY] [--input PLACE]

A token is the consent token of the payload, named by its `created`. The input files are only read:
the report names those that still hold the person. Exit code 0: erased; 1: nobody was found;
2: nothing was done.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from pipelines.consent.erasure import Erasure

PROJECT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Erases the person and prints what became of it; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m pipelines.erase_person",
        description="Erases a person from the database for good.",
    )
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--user-id", help="the person's USER_ID")
    who.add_argument("--token", help="when the consent token was made: `created` in PARAMETERS")
    parser.add_argument("--company", help="the company's key; all companies without it")
    parser.add_argument(
        "--input",
        default=str(PROJECT / "input"),
        help="folder of the delivery (input/), or its address: s3://, …",
    )
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    from database.address import checked
    from database.database_error import DatabaseError
    from pipelines.consent.erasure import erase
    from pipelines.consent.errors import LoadError
    from pipelines.consent.persons.identity import Person

    try:
        person = Person.named(options.user_id, options.token, options.company)
        done = erase(checked(), person, options.input)
    except (LoadError, DatabaseError) as error:
        print(f"Nothing is erased: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted; nothing is erased, or all of it: run it again.", file=sys.stderr)
        return 130
    return print_erasure(done, Console(soft_wrap=True, highlight=False))


def print_erasure(done: Erasure, console: Console) -> int:
    """Prints what an erasure did and what is left to do; returns the exit code."""
    if done.found_nobody:
        console.print("Nobody was found by this id, so nothing is changed. Is it complete?")
        return 1
    if done.was_known:
        console.print("The person was erased before.")
    by_company = ", ".join(f"{escape(c)}: {rows:,}" for c, rows in sorted(done.companies.items()))
    console.print(
        f"Erased: {done.companies.total():,} events{f' ({by_company})' if by_company else ''},"
        f" {done.quarantined:,} rejected rows, {done.copies:,} rows of models."
    )
    console.print(
        "No load brings the person back. The next build (make dbt-build) updates the totals."
    )
    for holder in done.holders:
        rows = "unreadable, but holds the id" if holder.rows is None else f"{holder.rows:,} rows"
        if holder.rows == 0:
            rows = "the id is in its name"
        console.print(f"[bold]Still holds the person:[/] {escape(holder.path)} ({rows})")
    if done.holders:
        console.print("The input files are yours: delete these rows there, or the files.")
    for path in done.logs:
        console.print(f"[bold]A file of dbt holds the id, delete it:[/] {escape(str(path))}")
    if done.unseen:
        console.print(f"Not all input files were looked at: {escape(done.unseen)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
