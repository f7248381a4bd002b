"""Words for nothing, as exports write them: null in every column."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.consent.arrow_text import bytes_of, offsets_of

_WORDS = ["\\N", "NULL", "null", "NaN", "nan", "None", "NaT", "<NA>", ""]
# NA is Namibia there, or a region.
_PLACES = {"COUNTRY", "HQ_COUNTRY", "REGION"}
_LONGEST = 16
"""Bytes of a word with blanks around it."""

_BLANKS = b" \t\n\r\x0b\x0c\xc2\xe2\xe3"  # the last three begin blanks of Unicode
_BEGINS_BLANK = np.zeros(256, dtype=bool)
_BEGINS_BLANK[list(_BLANKS)] = True
_BEGINS_WORD = np.zeros(256, dtype=bool)
_BEGINS_WORD[list(b"\\Nn<")] = True


def without_missing_words(name: str, column: pa.Array) -> pa.Array:
    """The column, null where it says that there is nothing, or holds blanks only.

    The first byte of each text tells most of them apart from words.
    """
    if not pa.types.is_string(column.type) or not len(data := bytes_of(column)):
        return column
    offsets = offsets_of(column)
    first = data[np.minimum(offsets[:-1], len(data) - 1)]
    lengths = np.diff(offsets)
    found = _BEGINS_BLANK[first] | (_BEGINS_WORD[first] & (lengths <= _LONGEST))
    rows = np.flatnonzero(found & (lengths > 0))
    if not len(rows):
        return column
    words = [*_WORDS] if name in _PLACES else [*_WORDS, "NA"]
    texts = pc.utf8_trim_whitespace(column.take(pa.array(rows)))
    missing = pc.fill_null(pc.is_in(texts, value_set=pa.array(words)), False)
    if not pc.any(missing).as_py():
        return column
    is_missing = np.zeros(len(column), dtype=bool)
    is_missing[rows] = missing.to_numpy(zero_copy_only=False)
    return pc.if_else(pa.array(is_missing), pa.scalar(None, pa.string()), column)
