"""The bytes of any CSV file -> those of a plain one: UTF-8, unpacked, quotes in values doubled."""

from __future__ import annotations

import pyarrow as pa

from pipelines.consent.discovery.csv_dialect import BACKSLASHES, NONE, Dialect
from pipelines.consent.discovery.file_kind import FileKind
from pipelines.consent.discovery.quotes import with_doubled_quotes

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# Of a value that ends in a later block; a row cannot be larger.
_LONGEST_VALUE = 8 << 20


def plain_csv(stream: pa.NativeFile, kind: FileKind) -> pa.NativeFile:
    """The text of a file's bytes as a stream that cannot seek; UTF-8's mark and blank lines stay.

    Raises:
        OSError: it cannot be read, also later.
    """
    dialect = kind.dialect
    if kind.compression:
        stream = pa.CompressedInputStream(stream, kind.compression)
    if dialect.is_plain:
        return stream
    if not dialect.encoding.startswith("utf-8"):
        stream = pa.transcoding_input_stream(stream, dialect.encoding, "utf-8")
    start = b""
    if dialect.skipped:
        start = stream.read(len(BYTE_ORDER_MARK)).removeprefix(BYTE_ORDER_MARK)
        start = (start + stream.read(dialect.skipped - len(start)))[dialect.skipped :]
    translated = _DoubledQuotes if dialect.quoting == BACKSLASHES else _Rest
    return pa.PythonFile(translated(stream, start, dialect), mode="r")


def has_quotes(kind: FileKind) -> bool:
    """Whether a quote in the file's text has a meaning."""
    return kind.dialect.quoting != NONE


class _Rest:
    """A stream that begins with `start`.

    Each read gives as much as is asked for: Arrow takes a short one for a whole block, and a row
    must not be larger than a block.
    """

    def __init__(self, stream: pa.NativeFile, start: bytes, dialect: Dialect) -> None:
        self._stream, self._rest, self._dialect = stream, start, dialect
        self._ready = b""
        self._has_more = True
        self.closed = False

    def read(self, size: int) -> bytes:
        while self._has_more and len(self._ready) < size:
            block = self._stream.read(size)
            self._has_more = bool(block)
            made, self._rest = self._made(self._rest + block)
            self._ready += made
        given, self._ready = self._ready[:size], self._ready[size:]
        return given

    def _made(self, text: bytes) -> tuple[bytes, bytes]:
        """What the text becomes, and its unfinished rest."""
        return text, b""

    def close(self) -> None:
        self.closed = True
        self._stream.close()

    def readable(self) -> bool:
        return True


class _DoubledQuotes(_Rest):
    r"""A stream in which `\"` within values has become `""`."""

    def _made(self, text: bytes) -> tuple[bytes, bytes]:
        return with_doubled_quotes(
            text,
            self._dialect.separator,
            doubled=self._dialect.backslashes_are_doubled,
            is_last=not self._has_more or len(text) > _LONGEST_VALUE,
        )
