"""The head of a CSV file -> its encoding, separator and quoting."""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from pipelines.consent.discovery.quotes import QuoteCheck, with_doubled_quotes
from pipelines.consent.errors import FileRefusedError

_SEPARATORS = {
    ",": "commas",
    ";": "semicolons",
    "\t": "tabs",
    "|": "vertical bars",
    "\x01": "Hive's separator (Ctrl-A)",
    "^": "carets",
    "~": "tildes",
    ":": "colons",
}
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # begins with the mark of UTF-16
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SEPARATOR_LINE = re.compile(r"\"?sep=(.)\"?\r?\n", re.IGNORECASE)

# As many rows are held against the header.
_ROWS_COMPARED = 50

DOUBLED, BACKSLASHES, NONE = "doubled", "backslashes", "none"


@dataclass(frozen=True)
class Dialect:
    """How the text of a CSV file is written.

    `quoting`: quotes in a value are doubled, or follow a backslash, or no value is quoted.
    `skipped` counts the characters of Excel's `sep=` line. `backslashes_are_doubled`: in quoted
    values, if quotes follow backslashes. `names` are the header's, or, if they `differ` from it,
    one for each field of the rows.
    """

    encoding: str = "utf-8"
    separator: str = ","
    quoting: str = DOUBLED
    backslashes_are_doubled: bool = True
    skipped: int = 0
    names: tuple[str, ...] = ()
    differ: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether Arrow reads the file's bytes as they are."""
        return (
            self.encoding in ("utf-8", "utf-8-sig")
            and self.quoting != BACKSLASHES
            and not self.skipped
        )

    @property
    def assumption(self) -> str:
        """What separates the values, if it is not a comma."""
        return f"separated by {_SEPARATORS[self.separator]}" if self.separator != "," else ""

    @property
    def assumptions(self) -> list[str]:
        """What is not as in a plain CSV file."""
        found = []
        if self.encoding not in ("utf-8", "utf-8-sig"):
            found.append(f"encoded in {self.encoding.upper()}")
        if self.skipped:
            found.append("its first line names the separator")
        if self.assumption:
            found.append(self.assumption)
        if self.quoting == BACKSLASHES:
            found.append("quotes in its values follow backslashes")
        if self.quoting == NONE:
            found.append("its values are not quoted")
        if self.differ:
            found.append("its rows and its header differ by a nameless column")
        return found


def other_encoding() -> FileRefusedError:
    """The refusal of a file that is not in one of the encodings that are read."""
    return FileRefusedError(
        "another encoding: CSV files are read as UTF-8, or UTF-16 that begins with its mark"
    )


def candidates(head: bytes, *, is_whole: bool) -> list[Dialect]:
    """One dialect for each separator that the header may have, or the one that the file names.

    Args:
        head: the beginning of the file, or all of it if it `is_whole`.

    Raises:
        FileRefusedError: another encoding, or not text.
    """
    encoding = next((name for mark, name in _MARKS.items() if head.startswith(mark)), "utf-8")
    text = _text(head, encoding, is_whole=is_whole)
    separators = list(_SEPARATORS)
    skipped = 0
    if line := _SEPARATOR_LINE.match(text):
        skipped = line.end()
        separators = [line[1]] if line[1] in _SEPARATORS else separators
    found = []
    for separator in separators:
        try:
            # Blank lines before the header are not records.
            records = csv.reader(io.StringIO(text[skipped:], newline=""), delimiter=separator)
            names = next((record for record in records if record), [])
        except csv.Error:  # a value that is too long for a header
            names = []
        found.append(Dialect(encoding, separator, skipped=skipped, names=tuple(names)))
    return found


def with_quoting(dialect: Dialect, head: bytes, *, is_whole: bool) -> Dialect:
    """The dialect with the quoting that the head fits."""
    text = _text(head, dialect.encoding, is_whole=is_whole)[dialect.skipped :]
    data = text.encode()
    if _is_sound(data, dialect.separator):
        return dialect
    if b'\\"' in data:
        # Whoever doubles every backslash leaves no single one before anything but a quote.
        doubled = re.search(rb'(?<!\\)(\\\\)*\\[^\\"]', b"".join(_QUOTED.findall(data))) is None
        made, _ = with_doubled_quotes(data, dialect.separator, doubled=doubled, is_last=is_whole)
        if _is_sound(made, dialect.separator):
            return replace(dialect, quoting=BACKSLASHES, backslashes_are_doubled=doubled)
    lines = data.splitlines()[: None if is_whole else -1]
    separator = dialect.separator.encode()
    if separator != b"," and {line.count(separator) for line in lines if line} == {
        len(dialect.names) - 1
    }:
        return replace(dialect, quoting=NONE)
    return dialect


def with_columns_of_rows(dialect: Dialect, head: bytes, *, is_whole: bool) -> Dialect:
    """The dialect with one name for each field of the rows, if the header has one more or fewer.

    A separator may end each row or the header only, and R writes row numbers without a name.
    """
    text = _text(head, dialect.encoding, is_whole=is_whole)[dialect.skipped :]
    how: dict[str, Any] = {"delimiter": dialect.separator}
    if dialect.quoting == BACKSLASHES:
        how |= {"doublequote": False, "escapechar": "\\"}
    if dialect.quoting == NONE:
        how |= {"quoting": csv.QUOTE_NONE}
    records = (record for record in csv.reader(io.StringIO(text, newline=""), **how) if record)
    try:
        _, *rows = islice(records, _ROWS_COMPARED + 1)
    except (csv.Error, ValueError):  # a payload longer than the module takes; an empty file
        return dialect
    if not is_whole and len(rows) < _ROWS_COMPARED:
        rows = rows[:-1]
    names = dialect.names
    more = {len(row) - len(names) for row in rows}
    # One row alone may as well be a broken one.
    if len(rows) > 1 and more == {1}:
        if not any(row[-1].strip() for row in rows):
            return replace(dialect, names=(*names, ""), differ=True)
        if all(row[0] == str(number) for number, row in enumerate(rows, 1)):
            return replace(dialect, names=("", *names), differ=True)
    if len(rows) > 1 and more == {-1} and not names[-1].strip():
        return replace(dialect, names=names[:-1], differ=True)
    return dialect


_QUOTED = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


def _is_sound(data: bytes, separator: str) -> bool:
    return QuoteCheck(separator).first_wrong(data, ord("\n")) is None


def _text(head: bytes, encoding: str, *, is_whole: bool) -> str:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head, final=is_whole)
    except UnicodeDecodeError:
        raise other_encoding() from None
    if encoding == "utf-8" and head[:64].count(0) >= len(head[:64]) // 3 > 0:
        raise other_encoding()  # UTF-16 without a mark
    return text
