"""CSV files as they come: line ends, marks, encodings, records with too few or too many fields."""

from pathlib import Path

import pytest

from pipelines.consent.errors import FileRefusedError
from pipelines.consent.reading import csv
from tests.load.checking import read
from tests.load.deliveries import EVENT, Row, csv_bytes, event, events

HEADER = ",".join(EVENT)


def read_bytes(folder: Path, content: bytes) -> tuple[list[Row], list[Row]]:
    path = folder / "a.csv"
    path.write_bytes(content)
    return read(path)


def refusal(folder: Path, content: bytes) -> str:
    with pytest.raises(FileRefusedError) as error:
        read_bytes(folder, content)
    return str(error.value)


def line(event_id: str, fields: int = 17) -> bytes:
    values = list(event(event_id, PARAMETERS=None).values())
    values = (values + ["more"] * 20)[:fields]
    return ",".join(f'"{(v or "").replace(chr(34), chr(34) * 2)}"' for v in values).encode() + b"\n"


def numbers(rows: list[Row]) -> list[int]:
    return [row["_source_row"] for row in rows]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_byte_order_mark_and_line_ends(tmp_path: Path, mark: bytes, end: bytes) -> None:
    content = csv_bytes(events("e1", "e2", PARAMETERS="[1]")).replace(b"\n", end)
    valid, rejected = read_bytes(tmp_path, mark + content)
    assert [row["event_id"] for row in valid] == ["e1", "e2"] and not rejected
    assert valid[1]["device_type"] == "phablet"


def test_missing_last_line_end(tmp_path: Path) -> None:
    valid, _ = read_bytes(tmp_path, csv_bytes(events("e1", "e2"))[:-1])
    assert len(valid) == 2


@pytest.mark.parametrize("content", [HEADER, HEADER + "\n", "\n\n" + HEADER + "\n\n"])
def test_header_alone_is_a_file_without_rows(tmp_path: Path, content: str) -> None:
    assert read_bytes(tmp_path, content.encode()) == ([], [])


def test_blank_lines_are_no_records(tmp_path: Path) -> None:
    content = HEADER.encode() + b"\n\n" + line("e1") + b"\n\n\n" + line("e2", 5) + line("e3")
    valid, rejected = read_bytes(tmp_path, content)
    assert numbers(valid) == [1, 3] and numbers(rejected) == [2]


def test_columns_in_another_order_are_told_by_their_names(tmp_path: Path) -> None:
    content = csv_bytes([event("e1", USER_ID="u")], sorted([*EVENT, "USER_ID"], reverse=True))
    ((row,), _) = read_bytes(tmp_path, content)
    assert (row["event_id"], row["user_id"], row["count"]) == ("e1", "u", 10)


@pytest.mark.parametrize("fields", [1, 16, 18, 30])
def test_record_with_other_number_of_fields_is_rejected(tmp_path: Path, fields: int) -> None:
    content = HEADER.encode() + b"\n" + line("e1") + line("e2", fields) + line("e3")
    valid, (row,) = read_bytes(tmp_path, content)
    assert [(v["event_id"], v["_source_row"]) for v in valid] == [("e1", 1), ("e3", 3)]
    assert (row["_source_row"], row["reason"]) == (2, "wrong number of fields")
    assert row["detail"] == f"{fields} fields where the header has 17"
    assert "e2" in row["raw_row"]


@pytest.mark.parametrize("every", [2, 3, 7, 50])
def test_row_numbers_are_right_across_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int
) -> None:
    monkeypatch.setattr(csv, "CSV_BLOCK_BYTES", 1500)
    lines = [line(f"e{i}", 9 if i % every == 0 else 17) for i in range(1, 400)]
    valid, rejected = read_bytes(tmp_path, HEADER.encode() + b"\n" + b"".join(lines))
    assert all(row["event_id"] == f"e{row['_source_row']}" for row in valid)
    assert numbers(rejected) == [i for i in range(1, 400) if i % every == 0]
    assert sorted(numbers(valid) + numbers(rejected)) == list(range(1, 400))


def test_file_whose_rows_are_all_malformed_is_rejected_row_by_row(tmp_path: Path) -> None:
    content = HEADER.encode() + b"\n" + b"".join(line(f"e{i}", 18) for i in range(500))
    valid, rejected = read_bytes(tmp_path, content)
    assert not valid and numbers(rejected) == list(range(1, 501))


def test_more_malformed_text_than_is_held_in_memory_refuses_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv, "MALFORMED_BYTES", 10_000)
    content = HEADER.encode() + b"\n" + b"".join(line(f"e{i}", 18) for i in range(500))
    assert "another number of fields than its header" in refusal(tmp_path, content)


def test_row_larger_than_a_block_refuses_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv, "CSV_BLOCK_BYTES", 4000)
    content = csv_bytes([event("e1"), event("e2", DOMAIN="x" * 9000)])
    assert "a row larger than" in refusal(tmp_path, content)


def test_first_row_may_be_as_large_as_any_other(tmp_path: Path) -> None:
    ((row,), _) = read_bytes(tmp_path, csv_bytes([event(DOMAIN="x" * 3_000_000)]))
    assert len(row["domain"]) == 3_000_000


@pytest.mark.parametrize(
    "content",
    [
        csv_bytes([event(DOMAIN="café")]).decode().encode("latin-1"),
        csv_bytes(events("e1")) + line("e2").replace(b"web", b"\xff\xfe"),
        csv_bytes(events("e1")) + b"\xff\xfe,too few\n",
        csv_bytes(events("e1")).replace(b"web", b"\xed\xa0\x80"),
        csv_bytes(events("e1")).replace(b"DOMAIN", b"DOM\xc4IN"),
        csv_bytes(events("e1")).decode().encode("utf-16-le"),
    ],
    ids=["latin-1", "later row", "malformed row", "surrogate", "header", "UTF-16 without a mark"],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_other_encoding_refuses_the_file(tmp_path: Path, content: bytes) -> None:
    assert "another encoding" in refusal(tmp_path, content)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (HEADER.replace("RATE,", ""), "missing columns: RATE"),
        (HEADER.replace("RATE,", "").replace(",", ";"), "separated by semicolons; missing columns"),
        ("a,b,c", "neither events nor companies: none of their columns is in its header"),
        (HEADER + ",RATE", "columns named twice or reserved: rate"),
        (HEADER + ",user id,USER_ID", "columns named twice or reserved: user_id"),
        (HEADER + ",Rate", "columns named twice or reserved: rate"),
        (HEADER + ",_source_row", "reserved: _source_row"),
        (HEADER + ",_DLT_LOAD_ID", "reserved: _dlt_load_id"),
        (HEADER + ",_dlt_id", "reserved: _dlt_id"),
        ("\n\n", "empty: it has no header"),
    ],
)
def test_header_that_cannot_be_loaded_refuses_the_file(
    tmp_path: Path, header: str, reason: str
) -> None:
    assert reason in refusal(tmp_path, header.encode() + b"\n")
