"""Keys as they are stored: trimmed, and of one spelling where they are shaped like a UUID."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.consent.arrow_text import bytes_of
from pipelines.consent.names import COMPANIES, KEYS

_COMPANY_KEYS = ("APIKEY", KEYS[COMPANIES])
KEY_COLUMNS = ("EVENT_ID", "USER_ID", *_COMPANY_KEYS)

_PARTS = [r"[0-9A-Fa-f]{8}", *[r"[0-9A-Fa-f]{4}"] * 3, r"[0-9A-Fa-f]{12}"]
UUID_SHAPE = r"^\{?" + "-?".join(_PARTS) + r"\}?$"
_GROUPS = re.compile(r"^\{?" + "-?".join(f"({part})" for part in _PARTS) + r"\}?$")


def cleaned(name: str, column: pa.StringArray) -> pa.StringArray:
    """A key column as it is stored.

    Keys of companies become lower case with dashes where they are shaped like a UUID. Those of
    events and users become lower case there, and keep their spelling otherwise.
    """
    if name in _COMPANY_KEYS:
        encoded = column.dictionary_encode()  # a file has few companies
        keys = [key and company_key(key) for key in encoded.dictionary.to_pylist()]
        return pa.array(keys, pa.string()).take(encoded.indices)
    data = bytes_of(column)
    if (data <= ord(" ")).any() or (data >= 0x7F).any():
        column = pc.utf8_trim_whitespace(column)
    if ((data >= ord("A")) & (data <= ord("F"))).any():
        is_uuid = pc.match_substring_regex(column, UUID_SHAPE)
        column = pc.if_else(is_uuid, pc.ascii_lower(column), column)
    return column


def event_key(key: str) -> str:
    """One key of an event, cleaned."""
    trimmed = key.strip()
    return trimmed.lower() if _GROUPS.match(trimmed) else trimmed


def company_key(key: str) -> str:
    """One key of a company, cleaned."""
    trimmed = key.strip()
    match = _GROUPS.match(trimmed)
    return "-".join(match.groups()).lower() if match else trimmed
