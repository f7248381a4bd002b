"""One pass over a file's bytes while it is parsed: its content hash and, for CSV, its quotes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from pipelines.consent.discovery.file_kind import FileKind, unreadable
from pipelines.consent.discovery.input_folder import FoundFile
from pipelines.consent.discovery.quotes import LINE_FEED, QuoteCheck
from pipelines.consent.discovery.source_file import SourceFile, content_hash
from pipelines.consent.errors import FileRefusedError
from pipelines.consent.reading.plain_csv import BYTE_ORDER_MARK, has_quotes, plain_csv

CHUNK_BYTES = 1 << 20


@contextmanager
def inspected(file: SourceFile) -> Iterator[None]:
    """Inspects the file's bytes while the caller reads its rows, and sets its content hash.

    Raises:
        FileRefusedError: the inspection's reason rather than the reader's, which follows from it
            (behind a broken quote, a parser finds rows with any number of fields); or the content
            has changed since the plan was made.
    """
    assert file.kind is not None
    readers_refusal: FileRefusedError | None = None
    with ThreadPoolExecutor(max_workers=1) as inspector:
        try:
            with file.found.read_together():
                inspection = inspector.submit(inspect, file.found, file.kind, file.count_bytes)
                yield
        except FileRefusedError as error:
            readers_refusal = error
        try:
            found_hash, refusal = inspection.result()
        except OSError as error:
            raise FileRefusedError(unreadable(error), for_now=True) from None
    if file.content_hash not in (None, found_hash):
        raise FileRefusedError(
            "it was written to while being read; run the load again", for_now=True
        )
    file.content_hash = found_hash
    if refusal is not None:
        raise FileRefusedError(refusal)
    if readers_refusal is not None:
        raise readers_refusal


def inspect(
    found: FoundFile, kind: FileKind, count: Callable[[int], None] = lambda _: None
) -> tuple[str, str | None]:
    """SHA-256 of a file's bytes, in hex, and why its quotes refuse it (or None).

    Raises:
        OSError: it cannot be read.
    """
    if kind.format != "csv" or not has_quotes(kind):
        return content_hash(found, count), None
    hashed = _HashedStream(found.open(), count)
    with hashed:
        stream: Any = hashed
        is_plain = not kind.compression and kind.dialect.is_plain
        if not is_plain:
            stream = plain_csv(pa.PythonFile(hashed, mode="r"), kind)
        try:
            refusal = _wrong_quote(stream, found, kind)
        except (OSError, UnicodeDecodeError):
            if is_plain:
                raise
            refusal = None  # the reader's reason says more
        while hashed.read(CHUNK_BYTES):
            pass
        return hashed.hexdigest(), refusal


class _HashedStream:
    """A stream whose bytes are hashed and counted while they are read."""

    def __init__(self, stream: pa.NativeFile, count: Callable[[int], None]) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self._count = count
        self.hexdigest = self._hash.hexdigest
        self.closed = False

    def read(self, size: int) -> bytes:
        block: bytes = self._stream.read(size)
        self._hash.update(block)
        self._count(len(block))
        return block

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing: the rest of the bytes is hashed, too, when the text has ended."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self.closed = True
        self._stream.close()


def _wrong_quote(stream: Any, found: FoundFile, kind: FileKind) -> str | None:
    """Why the quotes of a plain text refuse it."""
    quotes = QuoteCheck(kind.dialect.separator)
    wrong: int | None = None
    mark = 0
    block = stream.read(CHUNK_BYTES)
    while block and wrong is None:
        following = stream.read(CHUNK_BYTES)
        if quotes.checked + mark == 0 and block.startswith(BYTE_ORDER_MARK):
            block, mark = block[len(BYTE_ORDER_MARK) :], len(BYTE_ORDER_MARK)
        wrong = quotes.first_wrong(block, following[0] if following else LINE_FEED)
        block = following
    if wrong is not None:
        return _broken(_lines(found, kind, wrong + mark) + bool(kind.dialect.skipped))
    if quotes.inside:
        return "broken quote: a quoted field is never closed; deliver it again"
    return None


def _lines(found: FoundFile, kind: FileKind, before: int) -> int:
    """The line of an offset. Counted only now: counting always would slow down every file."""
    lines = 1
    with plain_csv(found.open(), kind) as stream:
        while before > 0 and (start := stream.read(min(CHUNK_BYTES, before))):
            lines += start.count(b"\n")
            before -= len(start)
    return lines


def _broken(line: int) -> str:
    return (
        f"broken quote in line {line}: a quote within a value is written twice; deliver the file"
        " again"
    )
