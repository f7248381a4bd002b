"""How fast the models build: all of them, and after 1 % of new events."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from benchmarks.measure import Row, median_ratio, median_seconds
from benchmarks.workshop import Workshop
from generator import Settings

MILLION = Settings(companies=10, events_per_company=99_000, exact=True, payload="small")
ONE_PERCENT = dataclasses.replace(MILLION, events_per_company=1_000, seed=11, formats="csv")


def build(workshop: Workshop, rounds: int) -> Iterator[Row]:
    """`dbt build` of 1 M events from nothing, and after 1 % of new ones."""
    base = workshop.delivery("990,000 small events", MILLION)
    extra = workshop.delivery("10,000 small events", ONE_PERCENT)
    full, incremental = [], []
    for _ in range(rounds):
        workshop.first_load(base)
        full.append(workshop.build())
        workshop.execute("vacuum analyze")
        for source in sorted((extra / "events" / "csv").iterdir()):
            (base / "events" / "csv" / f"new-{source.name}").write_bytes(source.read_bytes())
        workshop.load(base)
        incremental.append(workshop.build())
        for added in (base / "events" / "csv").glob("new-*"):
            added.unlink()
    yield Row("dbt build of 990,000 events, from nothing", median_seconds(full))
    yield Row(
        "dbt build after 1 % of new events",
        median_seconds(incremental),
        median_ratio(incremental, full),
        "full build",
        wanted="≤ 0.25",
    )
