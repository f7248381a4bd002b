"""The grammar of quotes in CSV, on bytes, at memory speed.

A CSV parser is lenient: behind a stray quote it swallows whole rows into one field, without an
error. So the quoting is checked against the grammar of RFC 4180: an opening quote follows a
separator or a line end, a closing one comes before one, and their number is even.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np

QUOTE, LINE_FEED, CARRIAGE_RETURN = b'"\n\r'
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)


class QuoteCheck:
    """The state of the check between two blocks of a file.

    Args:
        separator: of the values; one byte.
    """

    def __init__(self, separator: str = ",") -> None:
        self.inside = False
        self.checked = 0
        self._before = LINE_FEED
        self._beside = np.zeros(256, dtype=bool)
        self._beside[[QUOTE, ord(separator), LINE_FEED, CARRIAGE_RETURN]] = True

    def first_wrong(self, block: bytes, after: int) -> int | None:
        """The offset of the first quote out of place, in all that was checked; None if all is well.

        Args:
            after: the byte that follows the block, a line end at the end of the file.
        """
        chunk = np.frombuffer(block, np.uint8)
        quotes = np.flatnonzero(chunk == QUOTE)
        # Quotes alternate; a doubled one inside a field closes it and opens it again.
        opening, closing = quotes[self.inside :: 2], quotes[not self.inside :: 2]
        left = np.where(opening > 0, chunk[opening - 1], self._before)
        last = len(chunk) - 1
        right = np.where(closing < last, chunk[np.minimum(closing + 1, last)], after)
        wrong = np.concatenate([opening[~self._beside[left]], closing[~self._beside[right]]])
        if len(wrong):
            return self.checked + int(wrong.min())
        self.inside ^= bool(len(quotes) % 2)
        self.checked += len(block)
        self._before = block[-1] if block else self._before
        return None


def with_doubled_quotes(
    block: bytes, separator: str, *, doubled: bool, is_last: bool
) -> tuple[bytes, bytes]:
    r"""Values with `\"` -> values with `""`; and the rest of the block, an unfinished value.

    Args:
        doubled: a backslash in such a value is written as two.
        is_last: the block ends the file, so that nothing is unfinished.
    """

    def unescaped(match: re.Match[bytes]) -> bytes:
        following = match[1]
        if following == b'"':
            return b'""'
        return following if doubled and following == b"\\" else match[0]

    def field(match: re.Match[bytes]) -> bytes:
        found = match[0]
        if b'\\"' not in found and not (doubled and found.startswith(b'"')):
            return found
        made = _ESCAPED.sub(unescaped, found)
        return made if found.startswith(b'"') else b'"' + made + b'"'

    pattern = _field(separator)
    if is_last:
        return pattern.sub(field, block), b""
    end, start = 0, -1
    for match in pattern.finditer(block):
        if match.end() < len(block):
            end = match.end()
        else:
            start = match.start()  # it may go on in the next block
    start = start if start >= 0 else block.find(b'"', end)
    if start < 0:
        start = max(end, *(block.rfind(mark, end) + 1 for mark in (separator.encode(), b"\n")))
    return pattern.sub(field, block[:start]), block[start:]


@cache
def _field(separator: str) -> re.Pattern[bytes]:
    """A value in quotes, or one without that holds a backslash."""
    mark = re.escape(separator).encode()
    quoted = rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)'  # or to the end of the block
    bare = rb'(?<![^%b\n])[^"%b\r\n\\]*(?:\\[^\r\n][^"%b\r\n\\]*)+' % (mark, mark, mark)
    return re.compile(quoted + b"|" + bare, re.DOTALL)
