"""The memory of an Arrow text column: the bytes of all its texts in sequence, and their offsets.

What is not in the bytes is not in a row: one fast search often saves a slow one, row by row.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def bytes_of(column: pa.StringArray | pa.BinaryArray) -> npt.NDArray[np.uint8]:
    """The bytes that the column's memory holds; a slice has those of the whole column."""
    return np.frombuffer(column.buffers()[2] or b"", np.uint8)


def offsets_of(column: pa.StringArray | pa.BinaryArray) -> npt.NDArray[np.int32]:
    """Where in the bytes each of n texts begins, and where the last one ends: n + 1 numbers."""
    offsets = np.frombuffer(column.buffers()[1], np.int32)
    return offsets[column.offset : column.offset + len(column) + 1]


def joined(column: pa.StringArray) -> pa.StringArray:
    """The column as one text."""
    ends = pa.py_buffer(offsets_of(column)[[0, -1]].tobytes())
    return pa.StringArray.from_buffers(1, ends, column.buffers()[2])


def holds(column: pa.StringArray, pattern: bytes) -> bool:
    """Whether the bytes hold a literal."""
    return re.search(re.escape(pattern), bytes_of(column).data) is not None
