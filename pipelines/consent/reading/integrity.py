"""One pass over a file's bytes while it is parsed: its content hash and, for CSV, its quotes.

A CSV parser is lenient: behind a stray quote it swallows whole rows into one field, without an
error. So the quoting is checked against the grammar of RFC 4180, on bytes, at memory speed: an
opening quote follows a separator or a line end, a closing one comes before one, and their number
is even.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from pipelines.consent.discovery.source_file import SourceFile
from pipelines.consent.errors import FileRefusedError

CHUNK_BYTES = 1 << 20
QUOTE, COMMA, LINE_FEED, CARRIAGE_RETURN = b'",\n\r'
_BESIDE_QUOTE = np.zeros(256, dtype=bool)
_BESIDE_QUOTE[[QUOTE, COMMA, LINE_FEED, CARRIAGE_RETURN]] = True
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff")


@contextmanager
def inspected(file: SourceFile) -> Iterator[None]:
    """Inspects the file's bytes while the caller reads its rows, and sets its content hash.

    Raises:
        FileRefusedError: the inspection's reason rather than the reader's, which follows from it
            (behind a broken quote, a parser finds rows with any number of fields); or the content
            has changed since the plan was made.
    """
    readers_refusal: FileRefusedError | None = None
    with ThreadPoolExecutor(max_workers=1) as inspector:
        inspection = inspector.submit(inspect, file.found.absolute, file.found.format)
        try:
            yield
        except FileRefusedError as error:
            readers_refusal = error
        try:
            content_hash, refusal = inspection.result()
        except OSError as error:
            raise FileRefusedError(f"cannot be read ({error.strerror})", for_now=True) from None
    if file.content_hash not in (None, content_hash):
        raise FileRefusedError(
            "it was written to while being read; run the load again", for_now=True
        )
    file.content_hash = content_hash
    if refusal is not None:
        raise FileRefusedError(refusal)
    if readers_refusal is not None:
        raise readers_refusal


def inspect(path: Path, format_: str) -> tuple[str, str | None]:
    """SHA-256 of a file's bytes, in hex, and why its quotes or encoding refuse it (or None).

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    quotes = _Quotes(path) if format_ == "csv" else None
    refusal: str | None = None
    with path.open("rb") as stream:
        block = stream.read(CHUNK_BYTES)
        while block:
            digest.update(block)
            following = stream.read(CHUNK_BYTES)
            if quotes is not None and refusal is None:  # the rest is hashed all the same
                refusal = quotes.check(block, following[0] if following else LINE_FEED)
            block = following
    if quotes is not None and refusal is None and quotes.inside:
        refusal = "broken quote: a quoted field is never closed; deliver it again"
    return digest.hexdigest(), refusal


class _Quotes:
    """The state of the check between two blocks of a file."""

    def __init__(self, path: Path) -> None:
        self.inside = False
        self._path = path
        self._offset = 0
        self._before = LINE_FEED

    def check(self, block: bytes, after: int) -> str | None:
        """The reason to refuse the file, if this block gives one; `after` is the next byte."""
        if self._offset == 0:
            if block.startswith(OTHER_MARKS):
                return "another encoding: CSV files are read as UTF-8"
            block = block.removeprefix(BYTE_ORDER_MARK)
        chunk = np.frombuffer(block, np.uint8)
        quotes = np.flatnonzero(chunk == QUOTE)
        # Quotes alternate; a doubled one inside a field closes it and opens it again.
        opening, closing = quotes[self.inside :: 2], quotes[not self.inside :: 2]
        left = np.where(opening > 0, chunk[opening - 1], self._before)
        last = len(chunk) - 1
        right = np.where(closing < last, chunk[np.minimum(closing + 1, last)], after)
        wrong = np.concatenate([opening[~_BESIDE_QUOTE[left]], closing[~_BESIDE_QUOTE[right]]])
        if len(wrong):
            # Lines are counted only now: counting them always would slow down every file.
            lines, missing = 1, self._offset + int(wrong.min())
            with self._path.open("rb") as stream:
                while missing > 0 and (start := stream.read(min(CHUNK_BYTES, missing))):
                    lines += start.count(b"\n")
                    missing -= len(start)
            return f"broken quote in line {lines}; deliver the file again"
        self.inside ^= bool(len(quotes) % 2)
        self._offset += len(block)
        self._before = block[-1] if block else self._before
        return None
