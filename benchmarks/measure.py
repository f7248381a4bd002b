"""Run commands, measure their wall time and peak memory, and compare medians."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


class BenchmarkError(Exception):
    """A measured command failed; the message holds the end of its output."""


@dataclass(frozen=True)
class Sample:
    """One run of a command: wall time in seconds, peak memory of the process in MB."""

    seconds: float
    megabytes: float


@dataclass(frozen=True)
class Row:
    """A line of the result: what was measured, compared with what, and the target.

    `ratio` is the median ratio of paired runs, None where there is nothing to compare with.
    """

    what: str
    seconds: float
    ratio: float | None = None
    of: str = ""
    megabytes: float | None = None
    wanted: str = ""


def run(command: Sequence[str | Path], cwd: Path, environment: dict[str, str]) -> Sample:
    """Run a command to its end; raise BenchmarkError where its exit code is not 0."""
    start = time.monotonic()
    with subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise BenchmarkError(f"{' '.join(map(str, command))}\n{printed[-2000:]}")
    return Sample(time.monotonic() - start, usage.ru_maxrss / 1024)


def in_turn(rounds: int, **cases: Callable[[], Sample]) -> dict[str, list[Sample]]:
    """Run the cases as A B C A B C …, so that changes of the machine's speed affect all of them."""
    samples: dict[str, list[Sample]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            samples[name].append(case())
    return samples


def median_seconds(samples: list[Sample]) -> float:
    """Return the median wall time."""
    return statistics.median(sample.seconds for sample in samples)


def peak(samples: list[Sample]) -> float:
    """Return the largest peak memory, in MB."""
    return max(sample.megabytes for sample in samples)


def median_ratio(samples: list[Sample], base: list[Sample]) -> float:
    """Return the median of the pairwise ratios of two cases' wall times."""
    return statistics.median(a.seconds / b.seconds for a, b in zip(samples, base, strict=True))


def table(rows: list[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| what | median s | ratio | to | peak MB | wanted |",
        "| --- | ---: | ---: | --- | ---: | --- |",
    ]
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        memory = "" if row.megabytes is None else f"{row.megabytes:,.0f}"
        lines.append(
            f"| {row.what} | {row.seconds:.2f} | {ratio} | {row.of} | {memory} | {row.wanted} |"
        )
    return "\n".join(lines)
