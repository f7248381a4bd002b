"""What a build costs as the table grows: 10,000 new events, and nothing new, into few and many."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from benchmarks.build import MILLION, NEW, deliver_as_the_same_companies
from benchmarks.measure import Row, Sample, median_ratio, median_seconds
from benchmarks.workshop import Workshop

COMPANIES = MILLION.companies
SIZES = (100_000, 5_000_000)


def build_growth(workshop: Workshop, rounds: int) -> Iterator[Row]:
    """`dbt build` after 10,000 new small events and after none; `make run` with nothing new."""
    new = workshop.delivery("10,000 new small events", NEW)
    few, many = (int(size * workshop.scale) for size in SIZES)
    small = _builds(workshop, rounds, few, new)
    large = _builds(workshop, rounds, many, new)
    into, nothing = "dbt build after 10,000 new events into", "dbt build, nothing new,"
    yield Row(f"{into} {few:,}", median_seconds(small["new"]))
    yield Row(
        f"{into} {many:,}",
        median_seconds(large["new"]),
        median_ratio(large["new"], small["new"]),
        f"{few:,}",
        wanted="≤ 1.3",
    )
    yield Row(f"{nothing} {few:,} events", median_seconds(small["nothing"]), wanted="≤ 5 s")
    yield Row(
        f"{nothing} {many:,} events",
        median_seconds(large["nothing"]),
        median_ratio(large["nothing"], small["nothing"]),
        f"{few:,}",
        wanted="≤ 5 s",
    )
    yield Row(
        f"make run, nothing new, {many:,} events", median_seconds(large["run"]), wanted="≤ 4 s"
    )


def _builds(workshop: Workshop, rounds: int, size: int, new: Path) -> dict[str, list[Sample]]:
    """Seconds of the builds over a table of `size` events that has been built once."""
    settings = dataclasses.replace(MILLION, events_per_company=size // COMPANIES)
    base = workshop.delivery(f"{size:,} small events", settings)
    workshop.first_load(base)
    workshop.build()
    workshop.execute("vacuum analyze")
    samples: dict[str, list[Sample]] = {"new": [], "nothing": []}
    try:
        for number in range(rounds):
            deliver_as_the_same_companies(new, base, f"{number}-")
            workshop.load(base)
            samples["new"].append(workshop.build())
            samples["nothing"].append(workshop.build())
        samples["run"] = [workshop.make_run(base) for _ in range(rounds)]
    finally:
        for added in (base / "events" / "csv").glob("new-*"):
            added.unlink()
    return samples
