"""Writers of event files: call `write(columns)` for each piece, then `close()`."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ROW_GROUP_ROWS = 16_384


class EventFile(Protocol):
    """An open file of events."""

    def write(self, arrays: dict[str, pa.Array]) -> None:
        """Append rows; columns that the file does not have are ignored."""

    def close(self) -> None:
        """Finish the file."""


class CsvFile:
    """A CSV file from text that is already quoted: Arrow joins the rows, its buffer is written.

    Refused: pyarrow.csv, which quotes every text. Real deliveries quote only where necessary.
    """

    def __init__(self, path: Path, names: list[str]) -> None:
        self._names = names
        self._file = path.open("wb")
        self._file.write((",".join(names) + "\n").encode())

    def write(self, arrays: dict[str, pa.Array]) -> None:
        """Append rows."""
        chosen = [arrays[name] for name in self._names]
        rows = pc.binary_join_element_wise(
            *chosen[:-1], pc.binary_join_element_wise(chosen[-1], "\n", ""), ","
        )
        self._file.write(rows.buffers()[2])

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class ParquetFile:
    """A Parquet file whose row groups have a fixed size, whatever the size of the pieces.

    The footer names the version of pyarrow, so the bytes are the same for one version only.
    """

    def __init__(self, path: Path, names: list[str], experiment: bool) -> None:
        types = {"RATE": pa.float64(), "COUNT": pa.int64()}
        if not experiment:
            types["EXPERIMENT"] = pa.float64()
        self._schema = pa.schema([(name, types.get(name, pa.string())) for name in names])
        unlike = {"EVENT_ID", "USER_ID", "PARAMETERS", "EVENT_TIME"}
        self._writer = pq.ParquetWriter(
            path,
            self._schema,
            compression="snappy",
            use_dictionary=[n for n in names if n not in unlike],
        )
        self._waiting: list[pa.Table] = []
        self._rows = 0

    def write(self, arrays: dict[str, pa.Array]) -> None:
        """Append rows, and write the row groups that are full."""
        table = pa.table([arrays[name] for name in self._schema.names], schema=self._schema)
        while self._rows + table.num_rows >= ROW_GROUP_ROWS:
            part = table.slice(0, ROW_GROUP_ROWS - self._rows)
            table = table.slice(part.num_rows)
            self._waiting.append(part)
            self._flush()
        self._waiting.append(table)
        self._rows += table.num_rows

    def close(self) -> None:
        """Write what is left and finish the file."""
        if self._rows:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        whole = pa.concat_tables(self._waiting).combine_chunks()
        self._waiting, self._rows = [], 0
        self._writer.write_table(whole, row_group_size=ROW_GROUP_ROWS)
