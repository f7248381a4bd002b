"""What a run did, for the person at the terminal: a row a file, then what needs attention."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.consent.discovery.source_file import Delivery, Rejection
from pipelines.consent.run import Outcome

MOST_LINES = 20


def print_report(outcome: Outcome, console: Console) -> None:
    """Prints the table per file and every sentence that follows from it."""
    loaded = [d for d in outcome.plan.to_load if d.refusal is None]
    if loaded:
        console.print(_table(loaded))
    console.print(f"{len(loaded)} files loaded, {len(outcome.plan.unchanged)} unchanged since.")
    for column in outcome.new_columns:
        console.print(f"New column: {escape(column)}.")
    for path in outcome.plan.vanished:
        console.print(f"No longer there, its rows stay: {escape(path)}")
    for path in outcome.ignored:
        console.print(f"Not read, by its name: {escape(path)}")
    _print_rejections(loaded, console)
    for path, reason in outcome.refused:
        console.print(f"[bold red]Refused:[/] {escape(path)}: {escape(reason)}", soft_wrap=True)


def _print_rejections(loaded: list[Delivery], console: Console) -> None:
    """A line a file and reason, as many as a screen takes; all of them are in the quarantine."""
    lines = [
        f"[bold]Rejected:[/] {escape(delivery.file.path)}: {_rejected(reason, rejection)}"
        for delivery in loaded
        for reason, rejection in sorted(delivery.rejections.items())
    ]
    if not lines:
        return
    for line in lines[:MOST_LINES]:
        console.print(line, soft_wrap=True)
    more = len(lines) - MOST_LINES
    console.print(
        (f"… and {more} more such lines. " if more > 0 else "")
        + "Rejected rows are in consent_raw.events_quarantine, each with its reason;"
        " deliver them corrected and they load."
    )


def _rejected(reason: str, rejection: Rejection) -> str:
    if rejection.rows == 1:
        return f"{reason}, in row {rejection.first_row}"
    return f"{reason}, in {rejection.rows:,} rows, the first one {rejection.first_row}"


def _table(deliveries: list[Delivery]) -> Table:
    """A row a file, and their sum; narrow enough for 80 columns."""
    counts = [_counts(delivery) for delivery in deliveries]
    totals = {name: sum(count[name] for count in counts) for name in counts[0]}
    shown = [name for name in totals if name != "duplicate" or totals[name]]
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("file", overflow="fold")
    for name in shown:
        table.add_column(name, justify="right")
    for delivery, count in zip(deliveries, counts, strict=True):
        table.add_row(escape(delivery.file.path), *(f"{count[name]:,}" for name in shown))
    table.add_row("all files", *(f"{totals[name]:,}" for name in shown), style="bold")
    return table


def _counts(delivery: Delivery) -> dict[str, int]:
    return {
        "read": delivery.rows_read,
        "new": delivery.rows_new or 0,
        "changed": delivery.rows_changed or 0,
        "unchanged": delivery.rows_unchanged or 0,
        "duplicate": delivery.rows_duplicate or 0,
        "rejected": delivery.rows_quarantined,
    }
