"""What the readers of the two formats share: pieces of a file, and which columns it must have.

CSV values stay text, so that a value which does not cast is one row's matter (`checks`). Parquet
columns have a type of their own: one that does not cast losslessly refuses the file.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from pipelines.consent.errors import FileRefusedError
from pipelines.consent.names import LOAD_ID, ORDER_KEY
from pipelines.consent.schema import identifier

# Names that the loader and dlt give columns of their own.
_RESERVED = {*ORDER_KEY, LOAD_ID, "_dlt_id"}


@dataclass
class Rows:
    """A piece of a file: declared and additional columns, and each row's number (from 1)."""

    batch: pa.RecordBatch
    numbers: pa.Int64Array


@dataclass
class MalformedRow:
    """A CSV record with too few or too many fields; its text, and its number (from 1)."""

    number: int
    text: str
    expected: int
    actual: int


def check_columns(names: list[str], fields: dict[str, pa.DataType]) -> None:
    """Refuses a file without the declared columns, or whose names are not distinct.

    Raises:
        FileRefusedError: names the columns.
    """
    missing = [name for name in fields if name not in names]
    if missing:
        raise FileRefusedError(f"missing columns: {', '.join(missing)}")
    if not all(name.strip() for name in names):
        raise FileRefusedError("a column without a name")
    folded = [identifier(name) for name in names]
    taken = sorted({n for n in folded if folded.count(n) > 1 or n in _RESERVED})
    if taken:
        raise FileRefusedError(f"columns named twice or reserved: {', '.join(taken)}")
