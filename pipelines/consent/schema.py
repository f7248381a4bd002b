"""The declared fields of `settings`, as Arrow schemas and as dlt columns."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
from dlt.common.data_types import TDataType
from dlt.common.normalizers.naming.snake_case import NamingConvention
from dlt.common.schema.typing import TColumnSchema
from dlt.common.schema.utils import dlt_load_id_column

from pipelines.consent.names import FIELDS, KEYS, LOAD_ID, ORDER_KEY, REQUIRED, TIMESTAMP

_NAMING = NamingConvention()
_DATA_TYPES: dict[pa.DataType, TDataType] = {
    pa.string(): "text",
    pa.float64(): "double",
    pa.int64(): "bigint",
    TIMESTAMP: "timestamp",
}


def arrow_schema(table: str, added: Iterable[str] = ()) -> pa.Schema:
    """The Arrow schema of a table's rows, in the names and the order of the database.

    dlt takes batches of exactly this order as they are; others it writes a second time. The load
    id is only a place: dlt puts it in.

    Args:
        added: columns that a delivery adds, by their names in the file; they are text.
    """
    types = _types(table) | {name: pa.string() for name in added}
    required = {*REQUIRED[table], LOAD_ID}
    return pa.schema(
        [pa.field(identifier(name), type_, name not in required) for name, type_ in types.items()]
    )


def file_names(table: str, added: Iterable[str] = ()) -> list[str]:
    """The columns of `arrow_schema` by their names in the file."""
    return [*_types(table), *added]


def identifier(name: str) -> str:
    """A column's name in the database, by dlt's naming convention; empty if it has none."""
    return _NAMING.normalize_identifier(name) if name.strip() else ""


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
