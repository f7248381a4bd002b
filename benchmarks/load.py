"""How fast the load is: first load, nothing new, few new events into many, the payload's cast."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.measure import Row, Sample, in_turn, median_ratio, median_seconds, peak
from benchmarks.workshop import Workshop
from generator import Settings

COPY = "psql \\copy into jsonb"
LARGE = Settings(
    companies=10, companies_per_file=10, events_per_company=10_000, exact=True, payload="realistic"
)
LARGE_CSV = "100,000 events of 4 KB csv", dataclasses.replace(LARGE, formats="csv")
LONG = dataclasses.replace(LARGE, events_per_company=100_000, payload="small")
BARE = Settings(companies=10, events_per_company=500_000, exact=True, payload="none")
LITTLE = Settings(companies=1, events_per_company=10_000, exact=True, payload="none", seed=7)


def first_load(workshop: Workshop, rounds: int) -> Iterator[Row]:
    """First load of CSV and of Parquet, for two sizes of payload.

    It is compared with COPY, and with COPY and a unique index on the key, which the load makes too
    and a user of COPY would need.
    """
    for settings, what, of_copy, of_indexed in (
        (LARGE, "100,000 events of 4 KB", "≤ 0.7", ""),
        (LONG, "1,000,000 small events", "", "≤ 1.0"),
    ):
        csv = workshop.delivery(f"{what} csv", dataclasses.replace(settings, formats="csv"))
        parquet = workshop.delivery(
            f"{what} parquet", dataclasses.replace(settings, formats="parquet")
        )
        (file,) = (csv / "events" / "csv").iterdir()
        samples = in_turn(
            rounds,
            copy=partial(workshop.copy, file),
            indexed=partial(workshop.copy, file, key="EVENT_ID"),
            csv=partial(workshop.first_load, csv),
            parquet=partial(workshop.first_load, parquet),
        )
        yield Row(f"{COPY}: {what}", median_seconds(samples["copy"]))
        yield Row(f"the same and a unique index: {what}", median_seconds(samples["indexed"]))
        for name in ("csv", "parquet"):
            for base, compared, wanted in (
                ("copy", "COPY", of_copy),
                ("indexed", "COPY and index", of_indexed),
            ):
                yield Row(
                    f"first load, {name}: {what}",
                    median_seconds(samples[name]),
                    median_ratio(samples[name], samples[base]),
                    compared,
                    peak(samples[name]),
                    f"{wanted}, ≤ 600 MB" if wanted else "",
                )


def compressed(workshop: Workshop, rounds: int) -> Iterator[Row]:
    """First load of a CSV file packed with gzip, beside `zcat` into COPY."""
    delivery = workshop.gzipped(workshop.delivery(*LARGE_CSV))
    (file,) = (delivery / "events" / "csv").iterdir()
    samples = in_turn(
        rounds,
        copy=partial(workshop.copy, file),
        gzip=partial(workshop.first_load, delivery),
    )
    what = "100,000 events of 4 KB, gzip"
    yield Row(f"zcat into {COPY}: {what}", median_seconds(samples["copy"]))
    yield Row(
        f"first load, csv: {what}",
        median_seconds(samples["gzip"]),
        median_ratio(samples["gzip"], samples["copy"]),
        "zcat and COPY",
        peak(samples["gzip"]),
        "≤ 1.0",
    )


def memory(workshop: Workshop, _: int) -> Iterator[Row]:
    """Peak memory for a file ten times as large: one run, since its time is not compared."""
    delivery = workshop.tenfold(workshop.delivery(*LARGE_CSV))
    sample = workshop.first_load(delivery)
    workshop.empty()
    (file,) = (delivery / "events" / "csv").iterdir()
    what = f"first load, csv: ten times the 4 KB events ({file.stat().st_size / 1e9:.1f} GB)"
    yield Row(what, sample.seconds, megabytes=sample.megabytes, wanted="≤ 600 MB")


def cast(workshop: Workshop, rounds: int) -> Iterator[Row]:
    """Staging's cast of the payload: COPY does it while loading, we leave it to dbt."""
    delivery = workshop.delivery(*LARGE_CSV)
    (file,) = (delivery / "events" / "csv").iterdir()
    workshop.first_load(delivery)
    statement = "select count(parameters::jsonb -> 'action') from consent_raw.events"
    samples = in_turn(
        rounds, copy=partial(workshop.copy, file), cast=partial(workshop.query, statement)
    )
    yield Row(
        "cast of PARAMETERS in staging, 100,000 events of 4 KB",
        median_seconds(samples["cast"]),
        median_ratio(samples["cast"], samples["copy"]),
        "COPY",
    )


def growth(workshop: Workshop, rounds: int) -> Iterator[Row]:
    """Nothing new, and 10,000 new events, for a small table and for one of 5 million events."""
    small = workshop.delivery(
        "100,000 bare events", dataclasses.replace(BARE, events_per_company=10_000)
    )
    little = workshop.delivery("10,000 bare events", dataclasses.replace(LITTLE, formats="csv"))
    into_empty = [workshop.first_load(little) for _ in range(rounds)]
    workshop.first_load(small)
    nothing_small = [workshop.load(small) for _ in range(rounds)]
    large = workshop.delivery("5,000,000 bare events", BARE)
    workshop.first_load(large)
    nothing_large = [workshop.load(large) for _ in range(rounds)]
    into_large = [_load_little(workshop, large, little, index) for index in range(rounds)]
    yield Row(
        "nothing new, 0.1 M events in the table", median_seconds(nothing_small), wanted="≤ 5 s"
    )
    yield Row(
        "nothing new, 5 M events in the table",
        median_seconds(nothing_large),
        median_ratio(nothing_large, nothing_small),
        "0.1 M",
        wanted="≤ 5 s",
    )
    yield Row("10,000 new events into an empty table", median_seconds(into_empty))
    yield Row(
        "10,000 new events into 5 M",
        median_seconds(into_large),
        median_ratio(into_large, into_empty),
        "empty",
        wanted="≤ 1.3",
    )


def _load_little(workshop: Workshop, large: Path, little: Path, index: int) -> Sample:
    """Load 10,000 events that are not in the table: new ids and a new file name each time."""
    (source,) = (little / "events" / "csv").iterdir()
    target = large / "events" / "csv" / f"little-{index}.csv"
    head, *lines = source.read_text().splitlines(keepends=True)
    target.write_text(head + "".join(f"{index}{line}" for line in lines))
    try:
        return workshop.load(large)
    finally:
        target.unlink()
