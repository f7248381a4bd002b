"""One pass over a file's bytes while it is parsed: its content hash and, for CSV, its quotes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

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
        inspection = inspector.submit(inspect, file.found, file.kind, file.count_bytes)
        try:
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
    if kind.compression or not kind.dialect.is_plain:
        # The text is not the file's bytes, so the file is read twice.
        with plain_csv(found, kind) as text:
            try:
                refusal = _wrong_quote(text, found, kind, None)
            except (OSError, UnicodeDecodeError):
                refusal = None  # the reader's reason says more
        return content_hash(found, count), refusal
    digest = _Digest(count)
    with found.open() as stream:
        refusal = _wrong_quote(stream, found, kind, digest)
    return digest.hexdigest(), refusal


class _Digest:
    """SHA-256 that tells how many bytes it was given."""

    def __init__(self, count: Callable[[int], None]) -> None:
        self._hash = hashlib.sha256()
        self._count = count
        self.hexdigest = self._hash.hexdigest

    def update(self, block: bytes) -> None:
        self._hash.update(block)
        self._count(len(block))


def _wrong_quote(stream: Any, found: FoundFile, kind: FileKind, digest: Any) -> str | None:
    """Why the quotes of a plain text refuse it; hashes all of it, if there is a digest."""
    quotes = QuoteCheck(kind.dialect.separator)
    wrong: int | None = None
    mark = 0
    block = stream.read(CHUNK_BYTES)
    while block:
        if digest is not None:
            digest.update(block)
        following = stream.read(CHUNK_BYTES)
        if wrong is None:
            if quotes.checked + mark == 0 and block.startswith(BYTE_ORDER_MARK):
                block, mark = block[len(BYTE_ORDER_MARK) :], len(BYTE_ORDER_MARK)
            wrong = quotes.first_wrong(block, following[0] if following else LINE_FEED)
        elif digest is None:
            break
        block = following
    if wrong is not None:
        return _broken(_lines(found, kind, wrong + mark) + bool(kind.dialect.skipped))
    if quotes.inside:
        return "broken quote: a quoted field is never closed; deliver it again"
    return None


def _lines(found: FoundFile, kind: FileKind, before: int) -> int:
    """The line of an offset. Counted only now: counting always would slow down every file."""
    lines = 1
    with plain_csv(found, kind) as stream:
        while before > 0 and (start := stream.read(min(CHUNK_BYTES, before))):
            lines += start.count(b"\n")
            before -= len(start)
    return lines


def _broken(line: int) -> str:
    return (
        f"broken quote in line {line}: a quote within a value is written twice; deliver the file"
        " again"
    )
