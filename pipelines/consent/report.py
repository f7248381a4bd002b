"""What a run did, for the person at the terminal: a row a file, then what needs attention."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.consent.delivery import Delivery
from pipelines.consent.run import Outcome


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
    if any(d.rows_quarantined for d in loaded):
        console.print(
            "Rejected rows are in consent_raw.events_quarantine, each with its reason;"
            " deliver them corrected and they load."
        )
    for path, reason in outcome.refused:
        console.print(f"[bold red]Refused:[/] {escape(path)}: {escape(reason)}", soft_wrap=True)


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
