"""Which files there are: the input folder -> `FoundFile`s, each with what is wrong with it.

Files are looked for in the folders of `FOLDERS` and below them. Nothing outside the
input folder is ever opened: a link that leads out of it is refused.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.consent.errors import LoadError
from pipelines.consent.names import COMPANIES, EVENTS

# Which folders of a delivery are read: into which table, and in which format.
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
        """Size, mtime and ctime: equal stamps mean that the file was not written to."""
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
    return sorted(_files(input_dir), key=lambda file: file.path)


def ignored(input_dir: Path) -> list[str]:
    """Paths in the delivery's folders that are not read, because of how their name ends."""
    return sorted(
        _readable(entry.relative_to(input_dir))
        for folder, (_, format_) in FOLDERS.items()
        for entry in _entries(input_dir / folder, format_)
        if not _is_format(entry, format_) and (entry.is_symlink() or not entry.is_dir())
    )


def _files(input_dir: Path) -> Iterator[FoundFile]:
    root = input_dir.resolve()
    for folder, (table, format_) in FOLDERS.items():
        for entry in _entries(input_dir / folder, format_):
            if _is_format(entry, format_):
                yield _found(entry, input_dir, root, table, format_)


def _entries(folder: Path, format_: str) -> Iterator[Path]:
    """Everything below a folder but hidden entries; a folder named like a file is not entered."""
    if not folder.is_dir():
        return
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise LoadError(f"{folder} cannot be read ({error.strerror}).") from error
    for entry in entries:
        if entry.name.startswith("."):
            continue
        yield entry
        if entry.is_dir() and not entry.is_symlink() and not _is_format(entry, format_):
            yield from _entries(entry, format_)


def _is_format(entry: Path, format_: str) -> bool:
    return entry.suffix.lower() == f".{format_}"


def _found(entry: Path, input_dir: Path, root: Path, table: str, format_: str) -> FoundFile:
    path = _readable(entry.relative_to(input_dir))
    try:
        refusal = _refusal(entry, root)
        stat = entry.stat()
    except FileNotFoundError:
        refusal = "a link that leads nowhere" if entry.is_symlink() else "it vanished"
    except (OSError, RuntimeError):
        refusal = "a link that leads nowhere"
    if refusal:
        return FoundFile(path, entry, table, format_, refusal=refusal)
    return FoundFile(path, entry, table, format_, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


def _readable(path: Path) -> str:
    """The path as text that a database can hold, whatever bytes the name is made of."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def _refusal(entry: Path, root: Path) -> str | None:
    target = entry.resolve(strict=True)
    if not target.is_relative_to(root):
        return "a link out of the input folder"
    if target.is_dir():
        return "a folder named like a file"
    if not target.is_file():
        return "not a regular file"
    if not os.access(target, os.R_OK):
        return "not readable by this user"
    return "empty: zero bytes" if target.stat().st_size == 0 else None
