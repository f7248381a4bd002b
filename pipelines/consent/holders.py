"""What on this machine still holds a person: input files, and what dbt wrote."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from database.home import PROJECT_ROOT
from pipelines.consent.batches import Rows
from pipelines.consent.checking.rows import RowChecker
from pipelines.consent.discovery.file_kind import recognise
from pipelines.consent.discovery.input_folder import FoundFile, find
from pipelines.consent.discovery.store import Store
from pipelines.consent.errors import FileRefusedError, LoadError
from pipelines.consent.names import EVENTS
from pipelines.consent.persons.identity import USER, Person
from pipelines.consent.persons.row_filter import RowFilter
from pipelines.consent.source import pieces

_BLOCK_BYTES = 4 << 20


@dataclass
class Holder:
    """An input file that still holds the person: in how many rows, None if it cannot be read.

    `event_ids` counts the rows of each event that could be loaded.
    """

    path: str
    rows: int | None = None
    event_ids: Counter[str] = field(default_factory=Counter)


def files_with(person: Person, rows: RowFilter, place: Path | Store) -> Iterator[Holder]:
    """Finds the event files that hold the person.

    Args:
        rows: keeps the person's rows.

    Raises:
        LoadError: there is no delivery, or the store does not give it.
    """
    for found in _everything(place):
        holder, count = Holder(found.path), 0
        try:
            if found.refusal:
                raise FileRefusedError(found.refusal)
            kind = recognise(found)
            if kind.table != EVENTS:
                continue
            checker = RowChecker(EVENTS, found.path, 0)
            for piece in pieces(found, kind):
                if isinstance(piece, Rows):
                    own = rows.only_erased(piece)
                    count += own.batch.num_rows
                    if own.batch.num_rows:
                        valid = checker.check(own).valid
                        holder.event_ids.update(valid.column("EVENT_ID").to_pylist())
                else:
                    count += sum(map(rows.is_malformed, piece))
            holder.rows = count
        except FileRefusedError:
            holder.rows = None if _holds(found, person) else 0
        if holder.rows != 0 or person.key.lower() in found.path.lower():
            yield holder


def _everything(place: Path | Store) -> Iterator[FoundFile]:
    """The files of a delivery, and those that a load leaves out: they may hold the person too."""
    if isinstance(place, Store):
        yield from place.find(with_left_out=True)
        return
    for found in find(place):
        if found.left_out is None:
            yield found
            continue
        assert found.absolute is not None  # of a folder
        inner = sorted(found.absolute.rglob("*")) if found.absolute.is_dir() else [found.absolute]
        for path in inner:
            if path.is_file() and not path.is_symlink():
                below = path.relative_to(found.absolute).as_posix()
                yield FoundFile(found.path if below == "." else f"{found.path}/{below}", path)


def dbt_logs_with(person: Person) -> list[Path]:
    """Finds dbt's files that hold the user id: its log quotes what `dbt show` has shown."""
    project = PROJECT_ROOT / "dbt_project"
    named = {"logs": "DBT_LOG_PATH", "target": "DBT_TARGET_PATH"}
    folders = [project / os.environ.get(variable, name) for name, variable in named.items()]
    files = (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in files if _mentions(path, person)]


def _holds(found: FoundFile, person: Person) -> bool:
    """Whether the bytes of a file that cannot be read as events hold the user id.

    Raises:
        LoadError: it cannot be read now.
    """
    if found.absolute is not None:
        return found.absolute.is_file() and _mentions(found.absolute, person)
    if found.size == 0 or person.kind != USER:
        return False
    try:
        with found.open() as stream:
            return _is_in(stream, person)
    except OSError as error:
        raise LoadError(f"{found.path} cannot be read ({error.strerror})") from None


def _mentions(path: Path, person: Person) -> bool:
    """Whether the bytes of a file hold the user id."""
    try:
        with path.open("rb") as stream:
            return person.kind == USER and _is_in(stream, person)
    except OSError:
        return False


def _is_in(stream: Any, person: Person) -> bool:
    """Whether a stream holds the user id, in any case."""
    key = person.key.encode()
    pattern = re.compile(re.escape(key), re.IGNORECASE)
    rest = b""
    while block := stream.read(_BLOCK_BYTES):
        if pattern.search(rest + block):
            return True
        rest = (rest + block)[-len(key) :]
    return False
