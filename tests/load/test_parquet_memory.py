"""Parquet files that unpack to far more than their size."""

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from pipelines.consent.batches import Rows
from pipelines.consent.errors import FileRefusedError
from pipelines.consent.reading.parquet import PARQUET_BATCH_BYTES, read_parquet
from tests.load.checking import recognised
from tests.load.conftest import Loader
from tests.load.deliveries import event, parquet_table

ROWS = 4_000
READ = """
from pathlib import Path
from pipelines.consent.reading.parquet import read_parquet
from tests.load.checking import recognised
def work(path):
    return sum(p.batch.num_rows for p in read_parquet(*recognised(Path(path))))
"""
LOAD = """
from pipelines.consent_pipeline import main
def work(folder):
    return main(["--input", folder])
"""
# Not getrusage(): that begins with the peak of the process that started this one.
PEAK = """
import re, sys
found = work(sys.argv[1])
print(found, int(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1]) // 1024)
"""


def megabytes(code: str, path: Path) -> tuple[int, int]:
    """What `work` returns in a separate process, and that process's peak of memory."""
    done = subprocess.run(
        [sys.executable, "-c", code + PEAK, str(path)], capture_output=True, text=True, check=True
    )
    found, peak = done.stdout.splitlines()[-1].split()
    return int(found), int(peak)


def repeated(value: pa.Scalar) -> pa.Table:
    """Events whose payloads are all the same value."""
    rows = parquet_table([event()]).take([0] * ROWS)
    at = rows.schema.get_field_index("PARAMETERS")
    return rows.set_column(at, "PARAMETERS", pa.repeat(value, ROWS).dictionary_encode())


def written(folder: Path, payload: str | list[str], **options: Any) -> Path:
    """A file of events with these payloads, one for all or one each."""
    if isinstance(payload, str):
        table = repeated(pa.scalar(payload))
    else:
        table = parquet_table([event(PARAMETERS=each) for each in payload])
    path = folder / "a.parquet"
    # without the Arrow schema, so that a dictionary comes back as its values
    pyarrow.parquet.write_table(table, path, store_schema=False, **options)
    return path


def batches(path: Path) -> list[Rows]:
    read = read_parquet(*recognised(path))
    return [piece for piece in read if isinstance(piece, Rows)]


PREFIXES = {
    "use_dictionary": False,
    "column_encoding": {"PARAMETERS": "DELTA_BYTE_ARRAY"},
}


@pytest.mark.parametrize("options", [{}, PREFIXES], ids=["dictionary", "prefixes"])
def test_a_batch_is_bounded_by_what_it_unpacks_to(tmp_path: Path, options: dict[str, Any]) -> None:
    """Values that a dictionary or a prefix repeats take next to nothing in the file."""
    path = written(tmp_path, "x" * 20_000, **options)
    assert path.stat().st_size < 200_000
    found = batches(path)
    assert sum(piece.batch.num_rows for piece in found) == ROWS
    assert max(piece.batch.nbytes for piece in found) <= 1.1 * PARQUET_BATCH_BYTES
    numbers = [number for piece in found for number in piece.numbers.to_pylist()]
    assert numbers == list(range(1, ROWS + 1))


def test_a_batch_of_usual_rows_is_as_large_as_ever(tmp_path: Path) -> None:
    path = written(tmp_path, [f"{number:04}" * 500 for number in range(ROWS)])
    assert [piece.batch.num_rows for piece in batches(path)] == [ROWS]


def test_a_value_that_is_too_large_refuses_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, ["x" * 5_000_000])
    with pytest.raises(FileRefusedError, match="PARAMETERS holds a value of 4.8 MB; the limit"):
        batches(path)


def test_a_page_that_is_too_large_refuses_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.consent.reading.parquet_pages.PAGES_BYTES", 8 << 20)
    path = written(tmp_path, ["x" * 10_000_000], compression="zstd")
    assert path.stat().st_size < 50_000
    with pytest.raises(FileRefusedError, match="column PARAMETERS unpacks to more than is held"):
        batches(path)


def test_a_broken_file_is_refused_or_read(tmp_path: Path) -> None:
    """Wherever its bytes are wrong: in a page, its header, or the list of contents."""
    path = written(tmp_path, [f"{number:04}" * 500 for number in range(400)])
    whole, draw = path.read_bytes(), random.Random(1)
    refused = 0
    for _ in range(60):
        broken = bytearray(whole)
        for place in draw.sample(range(4, len(whole) - 8), 20):
            broken[place] ^= 1 + draw.randrange(255)
        path.write_bytes(broken)
        try:
            assert sum(piece.batch.num_rows for piece in batches(path)) == 400
        except FileRefusedError:
            refused += 1
    assert refused > 20


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, PREFIXES], ids=["dictionary", "prefixes"])
def test_a_small_file_that_unpacks_to_gigabytes_takes_little_memory(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    rows, peak = megabytes(READ, written(tmp_path, "x" * 400_000, **options))
    assert rows == ROWS
    assert peak < 400


@pytest.mark.slow
def test_rejected_rows_take_as_little(loader: Loader) -> None:
    (loader.input.root / "events" / "parquet").mkdir()
    written(loader.input.root / "events" / "parquet", "x" * 100_000)  # not JSON
    code, peak = megabytes(LOAD, loader.input.root)
    assert code == 1
    assert loader.value("select count(*) from events_quarantine") == ROWS
    assert peak < 600
