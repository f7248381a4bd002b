"""Column names as delivered -> those of the raw table: any case, with blanks or underscores."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from pipelines.consent.names import COMPANIES, EVENTS, FIELDS

T = TypeVar("T")

_OPTIONAL = {EVENTS: ["USER_ID"], COMPANIES: []}
_NAMELESS = re.compile(r"\s*|Unnamed: \d+|__index_level_\d+__")  # the latter two are pandas'
_SEPARATING = re.compile(r"[\s_\-\"'\ufeff]+")


@dataclass(frozen=True)
class Header:
    """What a header says under one reading; `matched` counts the declared columns that it has."""

    table: str
    columns: tuple[str | None, ...]
    partitions: tuple[tuple[str, str | None], ...]
    missing: tuple[str, ...]
    matched: int
    assumptions: tuple[str, ...]

    @property
    def fit(self) -> tuple[bool, float]:
        """The better reading of two is the greater one."""
        return (not self.missing, self.matched / len(FIELDS[self.table]))


def mapped(names: Sequence[str], partitions: Sequence[tuple[str, str | None]] = ()) -> Header:
    """The reading of a header that fits better, as events or as companies.

    Args:
        partitions: columns that the file's folders name, with their value. The file's own come
            first.
    """
    return max((_as(table, names, partitions) for table in _OPTIONAL), key=lambda h: h.fit)


def best_header(readings: Sequence[tuple[T, Header]]) -> tuple[T, Header]:
    """The first of those that fit best."""
    return max(readings, key=lambda reading: reading[1].fit)


def _as(table: str, names: Sequence[str], partitions: Sequence[tuple[str, str | None]]) -> Header:
    declared = {_folded(name): name for name in [*FIELDS[table], *_OPTIONAL[table]]}
    columns = [None if _NAMELESS.fullmatch(n) else declared.get(_folded(n), n) for n in names]
    taken = {_folded(name) for name in columns if name is not None}
    added = [(declared.get(_folded(n), n), v) for n, v in partitions if _folded(n) not in taken]
    present = {*columns, *(name for name, _ in added)}
    missing = tuple(name for name in FIELDS[table] if name not in present)
    # Blanks around a name need not be mentioned.
    renamed = [
        f"{n} as {c}"
        for n, c in zip(map(str.strip, names), columns, strict=True)
        if c not in (n, None)
    ]
    nameless = [str(at) for at, column in enumerate(columns, 1) if column is None]
    assumptions = []
    if renamed:
        assumptions.append(f"columns are read under other names: {', '.join(renamed)}")
    if nameless:
        assumptions.append(f"column {', '.join(nameless)} has no name and is left out")
    if added:
        assumptions.append(f"columns of its folders: {', '.join(name for name, _ in added)}")
    return Header(
        table,
        tuple(columns),
        tuple(added),
        missing,
        len(FIELDS[table]) - len(missing),
        tuple(assumptions),
    )


def _folded(name: str) -> str:
    return _SEPARATING.sub("", name).casefold()
