from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from generator import Settings, Truth, generate

Row = dict[str, Any]


def read_rows(path: Path) -> list[Row]:
    """Rows as they are delivered: text from CSV ('' for nothing), values from Parquet."""
    if path.suffix == ".parquet":
        rows: list[Row] = pq.read_table(path).to_pylist()
        return rows
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def event_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("events/*/events-company-*"))


class Delivery:
    """One generated folder, its truth, and its rows by file number."""

    def __init__(self, folder: Path, truth: Truth) -> None:
        self.folder, self.truth = folder, truth
        self.files = {int(path.stem.rsplit("-", 1)[1]): path for path in event_files(folder)}
        self.rows = {number: read_rows(path) for number, path in self.files.items()}

    @property
    def all_rows(self) -> list[Row]:
        return [row for rows in self.rows.values() for row in rows]

    def payloads(self, event_type: str) -> list[tuple[Row, dict[str, Any]]]:
        return [
            (row, json.loads(row["PARAMETERS"]))
            for row in self.all_rows
            if row["TYPE"] == event_type and row["PARAMETERS"]
        ]


Deliver = Callable[..., Delivery]


@pytest.fixture(scope="session")
def deliver(tmp_path_factory: pytest.TempPathFactory) -> Deliver:
    """Return a function that generates a delivery with these settings."""

    def make(**options: Any) -> Delivery:
        folder = tmp_path_factory.mktemp("delivery")
        return Delivery(folder, generate(Settings(**options), folder))

    return make


@pytest.fixture(scope="session")
def usual(deliver: Deliver) -> Delivery:
    """The default delivery: what `input/` holds."""
    return deliver()
