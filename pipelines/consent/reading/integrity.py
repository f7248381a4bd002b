"""One pass over a file's bytes, beside its parser: its content hash and, for CSV, its quotes.

A CSV parser is lenient: behind a stray quote it swallows whole rows into one field, without an
error. So the quoting is checked by the grammar of RFC 4180, on bytes, at memory speed: an opening
quote follows a separator or a line end, a closing one comes before one, and their number is even.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipelines.consent.discovery.source_file import Delivery
from pipelines.consent.errors import FileRefusedError

CHUNK_BYTES = 1 << 20
QUOTE, COMMA, LINE_FEED, CARRIAGE_RETURN = b'",\n\r'
_BESIDE_QUOTE = np.zeros(256, dtype=bool)
_BESIDE_QUOTE[[QUOTE, COMMA, LINE_FEED, CARRIAGE_RETURN]] = True
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff")


def content_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def inspect(path: Path, format_: str) -> tuple[str, str | None]:
    """SHA-256 of a file's bytes, in hex, and why its quotes or encoding refuse it (or None).

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    blocks = _blocks(path, digest.update)
    refusal: str | None = None
    try:
        if format_ == "csv":
            _check_quotes(path, blocks)
    except FileRefusedError as error:
        refusal = str(error)
    for _ in blocks:
        pass  # the rest is hashed too
    return digest.hexdigest(), refusal


def _blocks(path: Path, seen: Callable[[bytes], object]) -> Iterator[bytes]:
    """The file's bytes in blocks; `seen` is told of each."""
    with path.open("rb") as stream:
        while block := stream.read(CHUNK_BYTES):
            seen(block)
            yield block


def _check_quotes(path: Path, blocks: Iterator[bytes]) -> None:
    """Refuses a CSV file whose quotes do not pair up, or that is UTF-16.

    Raises:
        FileRefusedError: names the line of the first quote out of place.
    """
    inside = False
    offset = 0
    for chunk, before, after in _chunks(blocks):
        quotes = np.flatnonzero(chunk == QUOTE)
        misplaced = _misplaced(chunk, quotes, inside, before, after)
        if misplaced is not None:
            raise FileRefusedError(_message(path, offset + misplaced))
        inside ^= bool(len(quotes) % 2)
        offset += len(chunk)
    if inside:
        raise FileRefusedError("broken quote: a quoted field is never closed; deliver it again")


def _chunks(blocks: Iterator[bytes]) -> Iterator[tuple[npt.NDArray[np.uint8], int, int]]:
    """Blocks without a byte order mark, each with the bytes before and after it."""
    before = LINE_FEED
    block = next(blocks, b"")
    if block.startswith(OTHER_MARKS):
        raise FileRefusedError("another encoding: CSV files are read as UTF-8")
    if block.startswith(BYTE_ORDER_MARK):
        block = block[len(BYTE_ORDER_MARK) :]
    while block:
        following = next(blocks, b"")
        yield np.frombuffer(block, np.uint8), before, following[0] if following else LINE_FEED
        before, block = block[-1], following


def _misplaced(
    chunk: npt.NDArray[np.uint8],
    quotes: npt.NDArray[np.intp],
    inside: bool,
    before: int,
    after: int,
) -> int | None:
    """Index of the first quote in the chunk that opens or closes in the wrong place."""
    opening = quotes[1::2] if inside else quotes[0::2]
    closing = quotes[0::2] if inside else quotes[1::2]
    left = np.where(opening > 0, chunk[opening - 1], before)
    right = np.where(
        closing < len(chunk) - 1, chunk[np.minimum(closing + 1, len(chunk) - 1)], after
    )
    wrong = np.concatenate([opening[~_BESIDE_QUOTE[left]], closing[~_BESIDE_QUOTE[right]]])
    return int(wrong.min()) if len(wrong) else None


def _message(path: Path, offset: int) -> str:
    line = 1 + _lines_before(path, offset)
    return f"broken quote in line {line}; deliver the file again"


def _lines_before(path: Path, offset: int) -> int:
    lines = 0
    with path.open("rb") as stream:
        while offset > 0 and (block := stream.read(min(CHUNK_BYTES, offset))):
            lines += block.count(b"\n")
            offset -= len(block)
    return lines


@contextmanager
def inspected(delivery: Delivery) -> Iterator[None]:
    """Inspects the file's bytes while the caller reads its rows, and sets its content hash.

    Raises:
        FileRefusedError: the inspection's reason before the reader's, which follows from it (behind
            a broken quote, a parser finds rows of any number of fields); or the content is not the
            one that the run's plan was made for.
    """
    file = delivery.file
    with ThreadPoolExecutor(max_workers=1) as inspector:
        coming = inspector.submit(inspect, file.absolute, file.format)
        try:
            yield
        except FileRefusedError as error:
            _settle(delivery, coming)
            raise error
        _settle(delivery, coming)


def _settle(delivery: Delivery, coming: Future[tuple[str, str | None]]) -> None:
    try:
        content_hash, refusal = coming.result()
    except OSError as error:
        raise FileRefusedError(f"cannot be read ({error.strerror})", for_now=True) from None
    if delivery.content_hash not in (None, content_hash):
        raise FileRefusedError(
            "it was written to while being read; run the load again", for_now=True
        )
    delivery.content_hash = content_hash
    if refusal is not None:
        raise FileRefusedError(refusal) from None
