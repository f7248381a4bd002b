"""Quotes of a CSV file: a broken one would swallow rows, so the file is refused."""

import hashlib
from pathlib import Path

import pytest

from pipelines.consent.discovery.file_kind import FileKind
from pipelines.consent.reading import integrity
from pipelines.consent.reading.integrity import inspect
from tests.load.checking import found


def check(folder: Path, content: bytes) -> str | None:
    path = folder / "a.csv"
    path.write_bytes(content)
    content_hash, refusal = inspect(found(path), FileKind("events", "csv", ()))
    assert content_hash == hashlib.sha256(content).hexdigest()
    return refusal


WELL_FORMED = [
    b"a,b\n1,2\n",
    b'a,b\n"1","2"\n',
    b'a,b\n"1""2","3\n4"\n',
    b'a,b\n"","""x"""\n',
    b'a,b\r\n"1","2"\r\n',
    b'a,b\n1,"2"',
    b'"a","b"\n',
    b'\xef\xbb\xbf"a",b\n',
    b'a,b\n"""""",1\n',
    b"",
]
BROKEN = [
    (b'a,b\n1,2"\n', 2),
    (b'a,b\n1"2,3\n', 2),
    (b'a,b\n"1"2,3\n', 2),
    (b'a,b\n"1" ,3\n', 2),
    (b'a,b\n "1",3\n', 2),
    (b'a,b\n1,2\n3,5" screen\n', 3),
    (b'a,b\n"x\ny",1\n"1"",2\n3,"4"\n', 5),
]
NEVER_CLOSED = [b'a,b\n"1,2\n', b'a,b\n1,"2', b'"', b'a,b\n"""\n', b'a,b\n1,"2""\n3,4\n']


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 1 << 20])
@pytest.mark.parametrize("content", WELL_FORMED)
def test_paired_quotes_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, chunk: int
) -> None:
    monkeypatch.setattr(integrity, "CHUNK_BYTES", max(chunk, 3) if b"\xef" in content else chunk)
    assert check(tmp_path, content) is None


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 1 << 20])
@pytest.mark.parametrize(("content", "line"), BROKEN)
def test_quote_out_of_place_names_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, line: int, chunk: int
) -> None:
    monkeypatch.setattr(integrity, "CHUNK_BYTES", chunk)
    assert check(tmp_path, content) == (
        f"broken quote in line {line}: a quote within a value is written twice; deliver the file"
        " again"
    )


@pytest.mark.parametrize("chunk", [1, 2, 3, 1 << 20])
@pytest.mark.parametrize("content", NEVER_CLOSED)
def test_odd_number_of_quotes_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, chunk: int
) -> None:
    monkeypatch.setattr(integrity, "CHUNK_BYTES", chunk)
    assert "broken quote" in (check(tmp_path, content) or "")
