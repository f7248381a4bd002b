"""The declared fields of `names`, as Arrow schemas and as dlt columns; names as dlt writes them."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
from dlt.common.data_types import TDataType
from dlt.common.normalizers.naming.snake_case import NamingConvention
from dlt.common.schema.typing import TColumnSchema
from dlt.common.schema.utils import dlt_load_id_column

from pipelines.consent.errors import FileRefusedError
from pipelines.consent.names import FIELDS, KEYS, LOAD_ID, ORDER_KEY, REQUIRED, TIMESTAMP

_NAMING = NamingConvention()
_DATA_TYPES: dict[pa.DataType, TDataType] = {
    pa.string(): "text",
    pa.float64(): "double",
    pa.int64(): "bigint",
    TIMESTAMP: "timestamp",
}
# Names that the loader and dlt give to columns of theirs.
_RESERVED = {*ORDER_KEY, LOAD_ID, "_dlt_id"}


def arrow_schema(table: str, added: Iterable[str] = ()) -> pa.Schema:
    """The Arrow schema of a table's rows, in the names and the order of the database.

    dlt takes batches of exactly this order unchanged; others it writes a second time.

    Args:
        added: columns that a delivery adds, by their names in the file; they are text.
    """
    required = {*REQUIRED[table], LOAD_ID}
    types = _types(table) | {name: pa.string() for name in added}
    return pa.schema(
        [pa.field(identifier(name), type_, name not in required) for name, type_ in types.items()]
    )


def in_database_order(table: str, batch: pa.RecordBatch) -> pa.Table:
    """Checked rows with the schema of `arrow_schema`; the load id is empty: it comes later.

    Raises:
        pa.ArrowInvalid: a required column has a null, which the checks have let through.
    """
    declared = _types(table)
    added = [name for name in batch.schema.names if name not in declared]
    load_id = pa.repeat(pa.scalar(""), batch.num_rows)
    columns = [load_id if name == LOAD_ID else batch.column(name) for name in [*declared, *added]]
    schema = arrow_schema(table, added)
    return pa.table(columns, names=schema.names).cast(schema)


def identifier(name: str) -> str:
    """A column's name in the database, by dlt's naming convention; empty if it has none."""
    return _NAMING.normalize_identifier(name) if name.strip() else ""


def check_columns(names: list[str]) -> None:
    """Refuses a file whose columns are not distinct in the database.

    Raises:
        FileRefusedError: names the columns.
    """
    folded = [identifier(name) for name in names]
    if taken := sorted({n for n in folded if folded.count(n) > 1 or n in _RESERVED}):
        raise FileRefusedError(f"columns named twice or reserved: {', '.join(taken)}")


def dlt_columns(table: str) -> dict[str, TColumnSchema]:
    """The same as dlt's column hints; all are declared: dlt drops columns that are all null."""
    columns: dict[str, TColumnSchema] = {
        field.name: {
            "name": field.name,
            "data_type": _DATA_TYPES[field.type],
            "nullable": field.nullable,
        }
        for field in arrow_schema(table)
    }
    columns[LOAD_ID] = dlt_load_id_column()
    return columns


def _types(table: str) -> dict[str, pa.DataType]:
    """The key and the load id first: Postgres walks through a row up to the column it needs."""
    first = [KEYS[table]] if table in KEYS else []
    types = {name: pa.string() for name in [*first, LOAD_ID]}
    return types | FIELDS[table] | ORDER_KEY
