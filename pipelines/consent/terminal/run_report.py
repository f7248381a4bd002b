"""What a run did, for the person at the terminal: one row per file, then what needs attention."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.consent.bookkeeping.ledger import COUNTED
from pipelines.consent.bookkeeping.outcome import Outcome
from pipelines.consent.discovery.source_file import SourceFile

MOST_LINES = 20
_FORMATS = {"csv": "CSV", "parquet": "Parquet"}


def print_report(outcome: Outcome, console: Console) -> None:
    """Prints the table of files and every sentence that follows from it."""
    loaded = [file for file in outcome.plan.to_load if file.refusal is None]
    if loaded:
        console.print(_table(loaded))
    console.print(f"{len(loaded)} files loaded, {len(outcome.plan.unchanged)} unchanged since.")
    if outcome.expired:
        console.print(f"Removed: {outcome.expired:,} rows older than \\[consent] keep_days allows.")
    for path in outcome.plan.vanished:
        console.print(f"No longer there, its rows stay: {escape(path)}")
    _print_sentences(outcome, console)


def print_check(outcome: Outcome, console: Console) -> None:
    """Prints what a load would say of a delivery: a table of what each file is, and sentences."""
    files = [file for file in outcome.plan.to_load if file.refusal is None]
    if files:
        console.print(_table_of_kinds(files))
    rows = sum(file.rows_read for file in files)
    refused = len(outcome.refused)
    console.print(
        f"{len(files)} files can be loaded ({rows:,} rows), {refused} refused. Nothing was written."
    )
    if expired := sum(file.rows_expired for file in files):
        console.print(f"Not loaded: {expired:,} rows older than \\[consent] keep_days allows.")
    _print_sentences(outcome, console)
    console.print(
        "Not checked, because it follows from what is loaded: which rows are new, EVENT_IDs that"
        " another company had before, erased persons.",
        soft_wrap=True,
    )


def _print_sentences(outcome: Outcome, console: Console) -> None:
    """What needs attention, in the same words for a load and a check."""
    loaded = [file for file in outcome.plan.to_load if file.refusal is None]
    for column in outcome.new_columns:
        console.print(f"New column: {escape(column)}.")
    for file in outcome.plan.left_out:
        console.print(f"Left out: {escape(file.path)}: {file.left_out}", soft_wrap=True)
    for source in loaded:
        if source.assumptions:
            said = f"Assumed: {escape(source.path)}: {escape(source.assumptions)}"
            console.print(said, soft_wrap=True)
    _print_rejections(outcome, loaded, console)
    for path in outcome.rejected:
        console.print(
            f"[bold red]Not loaded:[/] {escape(path)}: every row was rejected; deliver it again",
            soft_wrap=True,
        )
    for path, reason in outcome.refused:
        console.print(f"[bold red]Refused:[/] {escape(path)}: {escape(reason)}", soft_wrap=True)
    if not outcome.has_events:
        before = (
            "; a load needs one, now or before"
            if outcome.is_check
            else ", and none was loaded before"
        )
        console.print(f"[bold red]No event file was found{before}.[/]")


def _print_rejections(outcome: Outcome, files: list[SourceFile], console: Console) -> None:
    """One line per file and reason, as many as a screen takes; the quarantine has all of them."""
    lines = []
    for file in files:
        for reason, rejection in sorted(file.rejections.items()):
            rows = f"in row {rejection.first_row}"
            if rejection.rows > 1:
                rows = f"in {rejection.rows:,} rows, the first one {rejection.first_row}"
            lines.append(f"[bold]Rejected:[/] {escape(file.path)}: {reason}, {rows}")
    if not lines:
        return
    for line in lines[:MOST_LINES]:
        console.print(line, soft_wrap=True)
    more = len(lines) - MOST_LINES
    are = "go to" if outcome.is_check else "are in"
    console.print(
        (f"… and {more} more such lines. " if more > 0 else "")
        + f"Rejected rows {are} {escape(outcome.dataset)}.events_quarantine, each with its reason;"
        " deliver them corrected and they load."
    )


def _table(files: list[SourceFile]) -> Table:
    """One row per file, and their sum; narrow enough for 80 columns."""
    totals = {name: sum(file.counts[name] for file in files) for name in COUNTED}
    rare = ("duplicate", "erased", "expired")
    shown = [name for name in COUNTED if name not in rare or totals[name]]
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("file", overflow="fold")
    for name in shown:
        table.add_column("rejected" if name == "quarantined" else name, justify="right")
    for file in files:
        table.add_row(escape(file.path), *(f"{file.counts[name]:,}" for name in shown))
    table.add_row("all files", *(f"{totals[name]:,}" for name in shown), style="bold")
    return table


def _table_of_kinds(files: list[SourceFile]) -> Table:
    """One row per file: what it is, its rows and columns; narrow enough for 80 columns."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("file", overflow="fold")
    table.add_column("what it is")
    for name in ("rows", "columns", "rejected"):
        table.add_column(name, justify="right")
    for file in files:
        assert file.kind is not None
        table.add_row(
            escape(file.path),
            f"{file.kind.table}, {_FORMATS[file.kind.format]}",
            f"{file.rows_read:,}",
            f"{len(file.kind.names):,}",
            f"{file.rows_quarantined:,}",
        )
    return table
