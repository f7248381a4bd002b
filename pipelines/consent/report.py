"""What a run did, for the person at the terminal: a row a file, then what needs attention."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.consent.delivery import Delivery
from pipelines.consent.run import Outcome

_COUNTS = ("read", "new", "changed", "unchanged", "duplicate", "rejected")


def print_report(outcome: Outcome, console: Console) -> None:
    """Prints the table per file and every sentence that follows from it."""
    loaded = [d for d in outcome.plan.to_load if d.refusal is None]
    if loaded:
        console.print(_table(loaded))
    console.print(f"{len(loaded)} files loaded, {len(outcome.plan.unchanged)} already loaded and unchanged.")
    for column in outcome.new_columns:
        console.print(f"New column: {escape(column)}.")
    for path in outcome.plan.vanished:
        console.print(f"No longer there, its rows stay: {escape(path)}")
    for path in outcome.ignored:
        console.print(f"Not read, by its name: {escape(path)}")
    if any(d.rows_quarantined for d in loaded):
        console.print(
            "Rejected rows are in consent_raw.events_quarantine, each with its reason;"
            " deliver them corrected and they load."
        )
    for path, reason in outcome.refused:
        console.print(f"[bold red]Refused:[/] {escape(path)}: {escape(reason)}", soft_wrap=True)


def _table(deliveries: list[Delivery]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("file", overflow="fold")
    for name in _COUNTS:
        table.add_column(name, justify="right")
    rows = [_counts(d) for d in deliveries]
    for delivery, counts in zip(deliveries, rows, strict=True):
        table.add_row(escape(delivery.file.path), *(f"{count:,}" for count in counts))
    if len(rows) > 1:
        totals = [sum(column) for column in zip(*rows, strict=True)]
        table.add_row("all", *(f"{total:,}" for total in totals), style="bold")
    return table


def _counts(delivery: Delivery) -> list[int]:
    return [
        delivery.rows_read,
        delivery.rows_new or 0,
        delivery.rows_changed or 0,
        delivery.rows_unchanged or 0,
        delivery.rows_duplicate or 0,
        delivery.rows_quarantined,
    ]
