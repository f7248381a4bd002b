"""How fast the models build: from nothing, and after 1 % of new events."""

from __future__ import annotations

import csv
import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet

from benchmarks.load import COPY, LARGE_CSV
from benchmarks.measure import Row, median_ratio, median_seconds
from benchmarks.workshop import Workshop
from generator import Settings

# The start of a record: in these files only records start a line with an id, payloads never do.
RECORD = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}")

MILLION = Settings(
    companies=10, events_per_company=99_000, exact=True, payload="small", formats="csv"
)
# Events of a later week; `deliver_as_the_same_companies` gives them to the base's companies.
NEW = dataclasses.replace(MILLION, events_per_company=1_000, seed=11, start="2025-10-20")
NEW_LARGE = dataclasses.replace(NEW, payload="realistic")


def build(workshop: Workshop, rounds: int) -> Iterator[Row]:
    """`make dbt-build` of 1 M events from nothing, and after 1 % of new ones.

    As after each load, unit tests are left out. Realistic payloads run in one round, since their
    full build takes minutes. With the smallest payloads, dbt's own work dominates.
    """
    large = workshop.delivery(*LARGE_CSV)
    tenfold = workshop.tenfold(large)
    new = workshop.delivery("10,000 new events of 4 KB", NEW_LARGE)
    yield from _build(workshop, 1, tenfold, new, "1,000,000 events of 4 KB", "≤ 0.7")
    base = workshop.delivery("990,000 small events csv", MILLION)
    new = workshop.delivery("10,000 new small events", NEW)
    yield from _build(workshop, rounds, base, new, "990,000 small events")


def _build(
    workshop: Workshop, rounds: int, base: Path, new: Path, what: str, wanted: str = ""
) -> Iterator[Row]:
    copies, full, incremental = [], [], []
    for _ in range(rounds):
        copies.append(workshop.copy(*(base / "events" / "csv").iterdir()))
        workshop.first_load(base)
        full.append(workshop.build())
        workshop.execute("vacuum analyze")
        deliver_as_the_same_companies(new, base)
        workshop.load(base)
        incremental.append(workshop.build())
        for added in (base / "events" / "csv").glob("new-*"):
            added.unlink()
    yield Row(f"{COPY}: {what}", median_seconds(copies))
    yield Row(
        f"make dbt-build from nothing: {what}",
        median_seconds(full),
        median_ratio(full, copies),
        "COPY",
        wanted=wanted,
    )
    yield Row(
        f"make dbt-build after 1 % of new events: {what}",
        median_seconds(incremental),
        median_ratio(incremental, full),
        "full build",
        wanted="≤ 0.15",
    )


def deliver_as_the_same_companies(new: Path, base: Path, prefix: str = "") -> None:
    """Add the new events to the base's files, as `new-…`, under the base's companies.

    `prefix` goes before each EVENT_ID and into the files' names, so that they are new once more.
    """
    ours = [
        company
        for file in sorted((base / "events").glob("*/events-*"))
        for company in _companies(file)
    ]
    for source, our in zip(sorted((new / "events" / "csv").iterdir()), ours, strict=True):
        (their,) = _companies(source)
        head, *lines = source.read_text().replace(their, our).splitlines(keepends=True)
        lines = [prefix + line if RECORD.match(line) else line for line in lines]
        (base / "events" / "csv" / f"new-{prefix}{source.name}").write_text(head + "".join(lines))


def _companies(file: Path) -> list[str]:
    """Return the companies in a file of events."""
    if file.suffix == ".parquet":
        column = pyarrow.parquet.read_table(file, columns=["APIKEY"])["APIKEY"]
        return sorted(map(str, column.unique()))
    with file.open(newline="") as stream:
        return sorted({row["APIKEY"] for row in csv.DictReader(stream)})
