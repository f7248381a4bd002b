"""Same options, same bytes, however the rows are cut on their way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from generator.__main__ import main
from tests.generator.conftest import Deliver, Delivery

PROJECT = Path(__file__).parents[2]
SMALL = {"companies": 4, "events_per_company": 400}


def contents(folder: Path) -> dict[str, bytes]:
    paths = [p for p in folder.rglob("*.*") if p.is_file() and not p.name.startswith(".")]
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in paths}


def test_committed_input_is_what_the_generator_makes(usual: Delivery) -> None:
    made, committed = contents(usual.folder), contents(PROJECT / "input")
    assert made.keys() == committed.keys()
    for name, data in made.items():
        old = PROJECT / "input" / name
        if name.endswith(".parquet") and written_by(old) != written_by(usual.folder / name):
            # another pyarrow writes other bytes: then the rows must be the same
            assert pq.read_table(old).equals(pq.read_table(usual.folder / name)), name
        else:
            assert data == committed[name], name


def written_by(path: Path) -> str:
    return str(pq.read_metadata(path).created_by)


@pytest.mark.parametrize("hash_seed", ["0", "123"])
def test_same_bytes_in_another_process(deliver: Deliver, tmp_path: Path, hash_seed: str) -> None:
    command = [sys.executable, "-m", "generator", "--output", str(tmp_path), "--quiet"]
    command += ["--companies", "4", "--events-per-company", "400"]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    subprocess.run(command, check=True, cwd=PROJECT, env=environment)
    assert contents(tmp_path) == contents(deliver(**SMALL).folder)


def test_another_seed_gives_another_world(deliver: Deliver) -> None:
    one, other = deliver(**SMALL, seed=1), deliver(**SMALL, seed=2)
    assert {r["EVENT_ID"] for r in one.all_rows}.isdisjoint(r["EVENT_ID"] for r in other.all_rows)
    assert {r["APIKEY"] for r in one.all_rows}.isdisjoint(r["APIKEY"] for r in other.all_rows)


@pytest.mark.parametrize("chunk_rows", [1, 97, 5000])
def test_chunk_size_leaves_no_trace(deliver: Deliver, chunk_rows: int) -> None:
    cut = deliver(**SMALL, chunk_rows=chunk_rows)
    assert contents(cut.folder) == contents(deliver(**SMALL).folder)


def test_chunks_across_blocks_and_row_groups_leave_no_trace(deliver: Deliver) -> None:
    large = {"companies": 2, "events_per_company": 20_000, "payload": "small"}
    whole, cut = deliver(**large, chunk_rows=100_000), deliver(**large, chunk_rows=777)
    assert contents(whole.folder) == contents(cut.folder)


def test_csv_and_parquet_of_one_seed_hold_the_same_rows(deliver: Deliver) -> None:
    csv, parquet = deliver(**SMALL, formats="csv"), deliver(**SMALL, formats="parquet")
    for number, rows in csv.rows.items():
        for left, right in zip(rows, parquet.rows[number], strict=True):
            expected = {name: value or None for name, value in left.items()}
            expected["RATE"] = float(left["RATE"]) if left["RATE"] else None
            expected["COUNT"] = int(left["COUNT"])
            assert expected == right


PEAK = """
import resource, sys
from generator import Settings, generate
rows, kind, folder = sys.argv[1:]
generate(Settings(companies=1, events_per_company=int(rows), formats=kind), folder)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow  # 400,000 rows
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_memory_does_not_grow_with_rows(tmp_path: Path, kind: str) -> None:
    def peak(rows: int) -> int:
        command = [sys.executable, "-c", PEAK, str(rows), kind, str(tmp_path / str(rows))]
        return int(subprocess.run(command, check=True, cwd=PROJECT, capture_output=True).stdout)

    assert peak(160_000) < 1.2 * peak(40_000)


def test_command_line_writes_truth_and_names_what_is_wrong(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    options = ["--output", str(tmp_path / "out"), "--companies", "1", "--events-per-company", "50"]
    assert main([*options, "--truth", str(tmp_path / "truth.json")]) == 0
    assert (tmp_path / "truth.json").stat().st_size > 500
    assert main([*options, "--days", "-1"]) == 1
    assert "days must be above 0" in caplog.text
