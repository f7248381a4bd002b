"""Payloads that were encoded as JSON twice: an object within a JSON text, decoded once."""

from __future__ import annotations

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.consent.arrow_text import bytes_of, offsets_of
from pipelines.consent.checking.values import Mask


def decoded_once(column: pa.StringArray) -> tuple[pa.StringArray, Mask]:
    """The column with such payloads decoded, and which rows these are."""
    decoded = np.zeros(len(column), dtype=bool)
    data, offsets = bytes_of(column), offsets_of(column)
    if not len(data):
        return column, decoded
    # A payload is an object: hardly one begins with a quote.
    quoted = data[np.minimum(offsets[:-1], len(data) - 1)] == ord('"')
    rows = np.flatnonzero(quoted & (np.diff(offsets) > 0)).tolist()
    inner = {row: text for row in rows if (text := _inner(column[row].as_py())) is not None}
    if not inner:
        return column, decoded
    decoded[list(inner)] = True
    texts = pa.array(list(inner.values()), pa.string())
    return pc.replace_with_mask(column, pa.array(decoded), texts), decoded


def _inner(text: str) -> str | None:
    """The object or list within a JSON text; None if that is not what it holds."""
    try:
        inner = orjson.loads(text)
        if isinstance(inner, str) and isinstance(orjson.loads(inner), dict | list):
            return inner
    except orjson.JSONDecodeError:
        pass
    return None
