"""The input folder -> `FoundFile`s, each with what is wrong with it, if anything.

Files are looked for in the folders of `FOLDERS` and below them. Nothing outside the input folder
is ever opened: a link that leads out of it is refused.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.consent.errors import LoadError
from pipelines.consent.names import COMPANIES, EVENTS

# Which folders of a delivery are read, into which table, in which format.
FOLDERS: dict[str, tuple[str, str]] = {
    "events/csv": (EVENTS, "csv"),
    "events/parquet": (EVENTS, "parquet"),
    "country_and_industry": (COMPANIES, "csv"),
}


@dataclass(frozen=True)
class FoundFile:
    """A file below the input folder, as `stat` sees it; times in nanoseconds since 1970."""

    path: str
    absolute: Path
    table: str
    format: str
    size: int = 0
    mtime_ns: int = 0
    ctime_ns: int = 0
    refusal: str | None = None

    @property
    def stamp(self) -> tuple[int, int, int]:
        """Size, mtime and ctime: if they are equal, nobody has written to the file."""
        return (self.size, self.mtime_ns, self.ctime_ns)


def find(input_dir: Path) -> list[FoundFile]:
    """Every file of a delivery, sorted by path.

    Raises:
        LoadError: `input_dir` is not a folder, or holds none of the expected folders.
    """
    if not input_dir.is_dir():
        raise LoadError(f"{input_dir} is not a folder: name the folder of the delivery (--input).")
    if not any((input_dir / folder).is_dir() for folder in FOLDERS):
        expected = ", ".join(FOLDERS)
        raise LoadError(f"{input_dir} holds no delivery: none of {expected} is in it.")
    found = [
        _found(entry, input_dir, table, format_)
        for entry, table, format_ in _entries(input_dir)
        if _is_format(entry, format_)
    ]
    return sorted(found, key=lambda file: file.path)


def ignored(input_dir: Path) -> list[str]:
    """Paths in the delivery's folders that are not read because of their extension."""
    return sorted(
        _readable(entry.relative_to(input_dir))
        for entry, _, format_ in _entries(input_dir)
        if not _is_format(entry, format_) and (entry.is_symlink() or not entry.is_dir())
    )


def _entries(input_dir: Path) -> Iterator[tuple[Path, str, str]]:
    """Everything below the folders of a delivery, with table and format; hidden entries are not.

    A folder that is named like a file is an entry, and is not entered.
    """
    folders = [(input_dir / name, table, format_) for name, (table, format_) in FOLDERS.items()]
    while folders:
        folder, table, format_ = folders.pop()
        if not folder.is_dir():
            continue
        try:
            entries = list(folder.iterdir())
        except OSError as error:
            raise LoadError(f"{folder} cannot be read ({error.strerror}).") from error
        for entry in entries:
            if entry.name.startswith("."):
                continue
            yield entry, table, format_
            # A link to a folder is not followed: it could lead in a circle.
            if entry.is_dir() and not entry.is_symlink() and not _is_format(entry, format_):
                folders.append((entry, table, format_))


def _is_format(entry: Path, format_: str) -> bool:
    return entry.suffix.lower() == f".{format_}"


def _found(entry: Path, input_dir: Path, table: str, format_: str) -> FoundFile:
    path = _readable(entry.relative_to(input_dir))
    try:
        target = entry.resolve(strict=True)
        if not target.is_relative_to(input_dir.resolve()):
            refusal = "a link out of the input folder"
        elif target.is_dir():
            refusal = "a folder named like a file"
        elif not target.is_file():
            refusal = "not a regular file"
        elif not os.access(target, os.R_OK):
            refusal = "not readable by this user"
        elif (stat := target.stat()).st_size == 0:
            refusal = "empty: zero bytes"
        else:
            stamp = (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
            return FoundFile(path, entry, table, format_, *stamp)
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        vanished = isinstance(error, FileNotFoundError) and not entry.is_symlink()
        refusal = "it vanished" if vanished else "a link that leads nowhere"
    return FoundFile(path, entry, table, format_, refusal=refusal)


def _readable(path: Path) -> str:
    """The path as text that a database can hold, whatever bytes the name is made of."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")
