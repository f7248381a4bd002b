"""Progress on a terminal: which file is being checked, how much is read, how long it will take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape

from pipelines.consent.discovery.input_folder import FoundFile
from pipelines.consent.discovery.source_file import SourceFile

# Before, an estimate would be a guess.
_FIRST_ESTIMATE_SECONDS = 3


class Progress:
    """Shows what the run is doing, on a terminal; is silent elsewhere."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.status = console.status("checking the files")
        self._read = BytesRead([])

    def __enter__(self) -> Progress:
        if self.console.is_terminal:
            self.status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.status.stop()

    def inspecting(self, found: FoundFile) -> None:
        """A file is opened, to be hashed."""
        self.status.update(f"checking {escape(found.path)}")

    def expect(self, files: Sequence[SourceFile]) -> None:
        """All files that the run will read."""
        self._read = BytesRead(files)

    @contextmanager
    def step(self, name: str, files: list[SourceFile]) -> Iterator[None]:
        """A package of files is being read or loaded."""
        self.status.update(_Line(f"{name} {len(files)} files", self._read))
        yield


@dataclass
class BytesRead:
    """How much of some files is read, and the time that the rest will take.

    Args:
        now: the clock, in seconds.
    """

    files: Sequence[SourceFile]
    now: Callable[[], float] = time.monotonic
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.now()

    def __str__(self) -> str:
        total = sum(file.found.size for file in self.files)
        read = sum(file.bytes_read for file in self.files)
        unit, size = ("GB", 1e9) if total >= 1e9 else ("MB", 1e6)
        said = f"{read / size:,.1f} of {total / size:,.1f} {unit}"
        elapsed = self.now() - self.began
        if not read or elapsed < _FIRST_ESTIMATE_SECONDS:
            return said
        return f"{said}, {_left(elapsed * (total - read) / read)}"


@dataclass
class _Line:
    """Rich asks for it again with each frame."""

    what: str
    read: BytesRead

    def __rich__(self) -> str:
        return f"{self.what}: read {self.read}"


def _left(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute left"
    hours, rest = divmod(minutes, 60)
    return f"about {f'{hours} h ' if hours else ''}{rest} min left"
