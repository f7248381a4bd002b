"""Progress: bytes read of all bytes, and the time left once it can be told."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from pipelines.consent.discovery.input_folder import FoundFile
from pipelines.consent.discovery.source_file import SourceFile
from pipelines.consent.terminal.progress import BytesRead, Progress
from tests.load.conftest import Loader
from tests.load.deliveries import csv_bytes, events, parquet_bytes


def files(*sizes: int) -> list[SourceFile]:
    return [SourceFile(FoundFile(f"{n}", Path("x"), size), None, 0) for n, size in enumerate(sizes)]


@pytest.mark.parametrize(
    ("read", "seconds", "said"),
    [
        (0, 100, "0.0 of 40.0 GB"),
        (1_000_000_000, 1, "1.0 of 40.0 GB"),
        (1_000_000_000, 10, "1.0 of 40.0 GB, about 6 min left"),
        (1_000_000_000, 600, "1.0 of 40.0 GB, about 6 h 30 min left"),
        (39_900_000_000, 600, "39.9 of 40.0 GB, less than a minute left"),
    ],
)
def test_bytes_and_time_left(read: int, seconds: float, said: str) -> None:
    clock = [0.0]
    made = files(30_000_000_000, 10_000_000_000)
    shown = BytesRead(made, now=lambda: clock[0])
    clock[0] = seconds
    made[0].count_bytes(read)
    assert str(shown) == said


def test_a_terminal_is_told_while_a_package_is_read() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100)
    with Progress(console) as progress:
        made = files(2_000_000)
        progress.expect(made)
        with progress.step("reading", made):
            made[0].count_bytes(500_000)
            console.print(progress.status.renderable)
    assert "reading 1 files: read 0.5 of 2.0 MB" in out.getvalue()


def test_every_byte_is_counted_once(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a plain file, in one whose text is translated, and in Parquet."""
    seen: list[SourceFile] = []
    monkeypatch.setattr(Progress, "expect", lambda _, files: seen.extend(files))
    loader.input.csv("a", events("e1", "e2"))
    loader.input.write("b.csv", csv_bytes(events("e3")).decode().encode("utf-16"))
    loader.input.write("c.parquet", parquet_bytes(events("e4")))
    loader.load()
    assert [file.bytes_read for file in seen] == [file.found.size for file in seen] != []
