"""Files that are refused whole: named with the reason, and the others load."""

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.load.conftest import Loader
from tests.load.deliveries import Folder, csv_bytes, event, events, parquet_table

GOOD = csv_bytes(events("bad"))


def _parquet_of_half(folder: Folder) -> Path:
    path = folder.parquet("half", events("bad"))
    path.write_bytes(path.read_bytes()[:-50])
    return path


def _link_out(folder: Folder) -> Path:
    folder.write("../outside.csv", GOOD)
    path = folder.root / "events/csv/link.csv"
    path.symlink_to("../../../outside.csv")
    return path


def _csv(content: bytes) -> Callable[[Folder], Path]:
    name = f"events/csv/{zlib.crc32(content)}.csv"
    return lambda folder: folder.write(name, content)


def _parquet_without_count(folder: Folder) -> Path:
    return folder.parquet("no-count", parquet_table(events("bad")).drop_columns(["COUNT"]))


def _parquet_of_other_type(folder: Folder) -> Path:
    table = parquet_table(events("bad"))
    index = table.schema.get_field_index("COUNT")
    return folder.parquet("type", table.set_column(index, "COUNT", [[True]]))


REFUSED: dict[str, tuple[Callable[[Folder], Path], str]] = {
    "zero bytes": (_csv(b""), "empty: zero bytes"),
    "broken quote": (_csv(GOOD.replace(b",web,", b',w"eb,')), "broken quote in line 4"),
    "never closed": (_csv(GOOD + b'"'), "never closed"),
    "encoding": (_csv(GOOD.replace(b"web", b"w\xe9b")), "another encoding"),
    "UTF-16": (_csv(GOOD.decode().encode("utf-16-le")), "another encoding"),
    "zip": (_csv(b"PK\x03\x04" + GOOD), "a zip archive or an Excel workbook"),
    "notes": (_csv(b"Dear colleague,\nhere are the files\n"), "neither events nor companies"),
    "cut": (_csv(gzip.compress(GOOD)[:-9]), "was cut off"),
    "column": (_csv(GOOD.replace(b"RATE", b"SHARE")), "missing columns: RATE"),
    "truncated": (_parquet_of_half, "not a whole Parquet file"),
    "no count": (_parquet_without_count, "missing columns: COUNT"),
    "type": (
        _parquet_of_other_type,
        "column COUNT is bool, which is not read as int64",
    ),
    "link": (_link_out, "a link out of the input folder"),
}


def test_every_refused_file_is_named_again_and_again_and_the_others_load(loader: Loader) -> None:
    said = []
    for make, reason in REFUSED.values():
        path = make(loader.input).relative_to(loader.input.root).as_posix()
        said.append((f"Refused: {path}: ", reason))
    loader.input.csv("good", events("e1"))
    for _ in range(2):
        result = loader.run()
        assert result.code == 1
        for path, reason in said:
            assert any(reason in line for line in result.text.splitlines() if path in line)
    assert loader.ids() == ["e1"]
    refused = "select count(*) from load_files where outcome = 'refused'"
    assert loader.value(refused) == len(REFUSED)


def test_mended_file_loads(loader: Loader) -> None:
    loader.input.write("events/csv/a.csv", GOOD + b'"', day=1)
    assert loader.run().code == 1
    loader.input.write("events/csv/a.csv", GOOD, day=1)
    loader.load()
    assert loader.ids() == ["bad"]


def test_rows_of_earlier_contents_of_a_refused_file_stay(loader: Loader) -> None:
    loader.input.csv("a", events("e1"))
    loader.load()
    loader.input.write("events/csv/a.csv", GOOD + b'"')
    assert loader.run().code == 1
    assert loader.ids() == ["e1"] and loader.outcomes() == {"events/csv/a.csv": "refused"}


def test_file_that_is_put_back_after_a_refusal_loads(loader: Loader) -> None:
    loader.input.csv("a", events("e1"))
    loader.load()
    loader.input.write("events/csv/a.csv", GOOD + b'"')
    assert loader.run().code == 1
    loader.input.csv("a", events("e1"))
    assert loader.run().code == 0 and loader.outcomes() == {"events/csv/a.csv": "loaded"}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_file_refused_half_way_leaves_no_rows(loader: Loader) -> None:
    rows = [event(f"e{i}", DOMAIN="x" * 2000, RATE="7" if i % 2 else "1") for i in range(6000)]
    loader.input.write("events/csv/a.csv", csv_bytes(rows) + b"\xff\n")
    loader.input.csv("b", events("good"))
    assert loader.run().code == 1
    assert loader.ids() == ["good"] and loader.quarantine() == []


def test_delivery_of_refused_files_only(loader: Loader) -> None:
    loader.input.write("events/csv/a.csv", b"x")
    loader.input.write("events/csv/b.csv", b"")
    assert loader.run().code == 1
    assert loader.run().code == 1


def test_refused_file_that_is_taken_away_is_no_failure(loader: Loader) -> None:
    path = loader.input.write("events/csv/a.csv", b"x")
    loader.input.csv("b", events("e1"))
    assert loader.run().code == 1
    path.unlink()
    loader.load()
