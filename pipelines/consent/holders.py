"""What on this machine still holds a person: input files, and what dbt wrote."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from mmap import ACCESS_READ, mmap
from pathlib import Path

from database.home import PROJECT_ROOT
from pipelines.consent.batches import Rows
from pipelines.consent.checking.rows import RowChecker
from pipelines.consent.discovery.file_kind import recognise
from pipelines.consent.discovery.input_folder import FoundFile, find
from pipelines.consent.errors import FileRefusedError
from pipelines.consent.names import EVENTS
from pipelines.consent.persons.identity import USER, Person
from pipelines.consent.persons.row_filter import RowFilter
from pipelines.consent.source import pieces


@dataclass
class Holder:
    """An input file that still holds the person: in how many rows, None if it cannot be read.

    `event_ids` counts the rows of each event that could be loaded.
    """

    path: str
    rows: int | None = None
    event_ids: Counter[str] = field(default_factory=Counter)


def files_with(person: Person, rows: RowFilter, input_dir: Path) -> Iterator[Holder]:
    """Finds the event files that hold the person.

    Args:
        rows: keeps the person's rows.

    Raises:
        LoadError: there is no delivery in the folder.
    """
    for found in _everything(input_dir):
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
            assert found.absolute is not None
            holder.rows = None if _mentions(found.absolute, person) else 0
        if holder.rows != 0 or person.key.lower() in found.path.lower():
            yield holder


def _everything(input_dir: Path) -> Iterator[FoundFile]:
    """The files of a delivery, and those that a load leaves out: they may hold the person too."""
    for found in find(input_dir):
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


def _mentions(path: Path, person: Person) -> bool:
    """Whether the bytes of a file hold the user id."""
    pattern = re.compile(re.escape(person.key.encode()), re.IGNORECASE)
    try:
        with path.open("rb") as stream:
            data = mmap(stream.fileno(), 0, access=ACCESS_READ)
            return person.kind == USER and pattern.search(data) is not None
    except (OSError, ValueError):  # ValueError: the file is empty
        return False
