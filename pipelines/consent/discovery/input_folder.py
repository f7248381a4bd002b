"""The input folder -> `FoundFile`s, each with what is wrong with it, if anything.

Everything below the folder is found: what is read, what is refused, and what a rule leaves out.
Nothing outside the input folder is ever opened: a link that leads out of it is refused.

`FoundFile.open` and `FoundFile.stamp_now` are the only ways to a file's bytes and to its version;
whatever reads a file, or asks whether it has changed, goes through them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipelines.consent.errors import LoadError

# What is left out, by name; what a rule says of a folder holds for everything in it.
_LEFT_OUT: dict[str, re.Pattern[str]] = {
    "its name begins with a dot or an underscore": re.compile(r"[._].*"),
    "a checksum": re.compile(
        r".*\.(crc|md5|sha\d+)(sums?)?(\.txt)?|(md5|sha\d*|check)sums?(\.txt)?", re.IGNORECASE
    ),
    "a file of the operating system": re.compile(r"desktop\.ini|thumbs\.db", re.IGNORECASE),
}

Stamp = tuple[int, int, int, str | None]


@dataclass(frozen=True)
class FoundFile:
    """A file below the input folder, as `stat` sees it; times in nanoseconds since 1970.

    `refusal` is why it cannot be opened, `left_out` the rule by which it is not to be read.
    `absolute` and ctime are of files in a folder, `version` of objects in a store, which may have
    no time stamp (`is_dated`).
    """

    path: str
    absolute: Path | None
    size: int = 0
    mtime_ns: int = 0
    ctime_ns: int = 0
    refusal: str | None = None
    left_out: str | None = None
    version: str | None = None
    is_dated: bool = True

    @property
    def stamp(self) -> Stamp:
        """Size, mtime, ctime and version: if they are equal, nobody has written to the file."""
        return (self.size, self.mtime_ns, self.ctime_ns, self.version)

    def open(self) -> pa.NativeFile:
        """The file's bytes, as a stream that can seek.

        Raises:
            OSError: it cannot be opened.
        """
        assert self.absolute is not None
        return pa.OSFile(os.fspath(self.absolute))

    def read_together(self) -> AbstractContextManager[None]:
        """Within, two threads read the file side by side."""
        return nullcontext()

    def stamp_now(self) -> Stamp:
        """The stamp that the file has now.

        Raises:
            OSError: it is gone.
        """
        assert self.absolute is not None
        stat = self.absolute.stat()
        return (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, None)


def find(input_dir: Path) -> list[FoundFile]:
    """Every file of a delivery, sorted by path.

    Raises:
        LoadError: `input_dir` is not a folder.
    """
    if not input_dir.is_dir():
        raise LoadError(f"{input_dir} is not a folder: name the folder of the delivery (--input).")
    found = [_found(entry, input_dir, rule) for entry, rule in _entries(input_dir)]
    return sorted(found, key=lambda file: file.path)


def rule_for(name: str) -> str | None:
    """The rule that leaves out files and folders of this name."""
    return next((rule for rule, names in _LEFT_OUT.items() if names.fullmatch(name)), None)


def _entries(input_dir: Path) -> Iterator[tuple[Path, str | None]]:
    """Every file below a folder, with the rule that leaves it out; folders that are not entered."""
    folders = [input_dir]
    while folders:
        folder = folders.pop()
        try:
            entries = list(folder.iterdir())
        except FileNotFoundError:
            continue
        except OSError as error:
            if folder == input_dir:
                raise LoadError(f"{folder} cannot be read ({error.strerror}).") from error
            yield folder, None
            continue
        for entry in entries:
            if (rule := rule_for(entry.name)) is not None:
                yield entry, rule
            # A link to a folder is not followed: it could lead in a circle.
            elif entry.is_dir() and not entry.is_symlink():
                folders.append(entry)
            else:
                yield entry, None


def _found(entry: Path, input_dir: Path, rule: str | None) -> FoundFile:
    path = _readable(entry.relative_to(input_dir))
    if rule is not None:
        return FoundFile(path, entry, left_out=rule)
    try:
        target = entry.resolve(strict=True)
        if not target.is_relative_to(input_dir.resolve()):
            refusal = "a link out of the input folder"
        elif target.is_dir():
            refusal = "a link to a folder" if entry.is_symlink() else "a folder that cannot be read"
        elif not target.is_file():
            refusal = "not a regular file"
        elif not os.access(target, os.R_OK):
            refusal = "not readable by this user"
        elif (stat := target.stat()).st_size == 0:
            refusal = "empty: zero bytes"
        else:
            return FoundFile(path, entry, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        vanished = isinstance(error, FileNotFoundError) and not entry.is_symlink()
        refusal = "it vanished" if vanished else "a link that leads nowhere"
    return FoundFile(path, entry, refusal=refusal)


def _readable(path: Path) -> str:
    """The path as text that a database can hold, whatever bytes the name is made of."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")
