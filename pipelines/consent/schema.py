"""The declared fields of `settings`, as Arrow schemas and as dlt columns."""

from __future__ import annotations

import pyarrow as pa
from dlt.common.schema.typing import TColumnSchema

from pipelines.consent import settings

_DATA_TYPES = {
    pa.string(): "text",
    pa.float64(): "double",
    pa.int64(): "bigint",
    settings.TIMESTAMP: "timestamp",
}


def arrow_schema(table: str, names: list[str] | None = None) -> pa.Schema:
    """The Arrow schema of a table.

    Args:
        names: the columns to list, in order; one that is not declared is text. Default: all that
            are declared.
    """
    fields, required = settings.FIELDS[table] | settings.ORDER_KEY, settings.REQUIRED[table]
    return pa.schema(
        [
            pa.field(name, fields.get(name, pa.string()), nullable=name not in required)
            for name in names or fields
        ]
    )


def dlt_columns(table: str) -> dict[str, TColumnSchema]:
    """The same as dlt's column hints; all are declared: dlt drops columns that are all null."""
    return {
        field.name: {
            "name": field.name,
            "data_type": _DATA_TYPES[field.type],
            "nullable": field.nullable,
        }
        for field in arrow_schema(table)
    }
