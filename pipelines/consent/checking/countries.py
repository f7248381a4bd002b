"""Texts of COUNTRY that the models read as another code, or as no country; raw keeps them all.

The models decide (the macro `iso_country`); this tells the person who loads.
"""

from __future__ import annotations

import re
from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from database.home import PROJECT_ROOT

# ISO 3166-1: code of two letters and that of three, five letters together, as the macro lists them.
_MACRO = PROJECT_ROOT / "dbt_project" / "macros" / "consent" / "countries.sql"
_BOTH_CODES = re.findall(r"\b[A-Z]{5}\b", _MACRO.read_text(encoding="utf-8"))
_LONG_CODES = {both[2:]: both[:2] for both in _BOTH_CODES}
_CODES = frozenset(_LONG_CODES.values())

# A column of other texts has too many to remember, and the first are enough.
_TEXTS_COUNTED = 1_000
_TEXTS_NAMED = 10
_LONGEST = 20


class CountryTexts:
    """Counts the texts in one file's COUNTRY that are not codes of ISO 3166."""

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()
        self._plain: set[str | None] = {None}

    def add(self, texts: pa.StringArray) -> None:
        """Counts those of a batch."""
        others = [text for text in texts.unique().to_pylist() if text not in self._plain]
        self._plain.update(text for text in others if _cleaned(text).upper() in _CODES)
        others = [text for text in others if text not in self._plain]
        if not others:
            return
        found = texts.filter(pc.is_in(texts, value_set=pa.array(others, pa.string())))
        for text, rows in Counter(found.to_pylist()).items():
            shown = _cleaned(text)
            if shown and (shown in self._rows or len(self._rows) < _TEXTS_COUNTED):
                self._rows[shown] += rows

    @property
    def assumptions(self) -> list[str]:
        """What the models read in place of them, the most frequent ones first."""
        if not self._rows:
            return []
        mapped, unknown = Counter[str](), Counter[str]()
        for text, rows in self._rows.items():
            code = iso_country(text.upper())
            if code is None:
                unknown[text if len(text) <= _LONGEST else "longer texts"] += rows
            else:
                mapped[f"{text} as {code}"] += rows
        said = [("country codes are read as others: ", mapped), ("not countries: ", unknown)]
        return [start + _named(found) for start, found in said if found]


def iso_country(code: str) -> str | None:
    """The ISO code of a country from a text in upper case, as the models' macro of this name."""
    if code in _CODES:
        return code
    return "GB" if code == "UK" else _LONG_CODES.get(code)


def _cleaned(text: str) -> str:
    return text.replace('"', "").strip(" ")


def _named(found: Counter[str]) -> str:
    named = [
        f"{text} ({rows:,} row{'s' if rows > 1 else ''})"
        for text, rows in found.most_common(_TEXTS_NAMED)
    ]
    more = len(found) - len(named)
    return ", ".join([*named, *([f"{more} more"] if more else [])])
