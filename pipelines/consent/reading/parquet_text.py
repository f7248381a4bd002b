"""Parquet columns that are text, or are read as text: extension types, binary, nested values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pyarrow as pa

from pipelines.consent.errors import FileRefusedError


def as_text(column: pa.Array, name: str) -> pa.StringArray | None:
    """The column's text; None if its type is not one of text.

    A struct, list or map becomes JSON, an extension type what it is stored as, a UUID its usual
    spelling.

    Raises:
        FileRefusedError: it holds text that is not UTF-8.
    """
    if pa.types.is_dictionary(column.type) and not _is_text(column.type.value_type):
        column = column.dictionary_decode()
    if isinstance(column.type, pa.UuidType):
        return pa.array([v and str(v) for v in column.to_pylist()], pa.string())
    if isinstance(column.type, pa.BaseExtensionType):
        column = column.storage
    if pa.types.is_nested(column.type):
        values = column.to_pylist(maps_as_pydicts="lossy")
        return pa.array([_json(value) for value in values], pa.string())
    is_binary = (
        pa.types.is_binary(column.type)
        or pa.types.is_large_binary(column.type)
        or pa.types.is_binary_view(column.type)
        or pa.types.is_fixed_size_binary(column.type)
    )
    if not (is_binary or _is_text(column.type)):
        return None
    try:
        if pa.types.is_fixed_size_binary(column.type):
            column = column.cast(pa.binary())
        text = column.cast(pa.string())
        # Not every writer of Parquet makes sure that text is UTF-8, nor does Arrow.
        text.validate(full=True)
    except pa.ArrowInvalid as error:
        raise FileRefusedError(f"column {name} holds text that is not UTF-8") from error
    return text


def _is_text(type_: pa.DataType) -> bool:
    if pa.types.is_dictionary(type_):
        return _is_text(type_.value_type)
    return bool(
        pa.types.is_string(type_)
        or pa.types.is_large_string(type_)
        or pa.types.is_string_view(type_)
    )


def _json(value: Any) -> str | None:
    if value is None:
        return None
    return orjson.dumps(value, default=_other, option=orjson.OPT_NON_STR_KEYS).decode()


def _other(value: Any) -> object:
    """What orjson does not know."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)
