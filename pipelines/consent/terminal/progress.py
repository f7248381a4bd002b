"""Progress on a terminal: which file is being checked, how many are read and loaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

from pipelines.consent.discovery.input_folder import FoundFile
from pipelines.consent.discovery.source_file import SourceFile


class Progress:
    """Shows what the run is doing, on a terminal; is silent elsewhere."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.status = console.status("checking the files")

    def __enter__(self) -> Progress:
        if self.console.is_terminal:
            self.status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.status.stop()

    def inspecting(self, found: FoundFile) -> None:
        """A file is opened, to be hashed."""
        self.status.update(f"checking {escape(found.path)}")

    @contextmanager
    def step(self, name: str, files: list[SourceFile]) -> Iterator[None]:
        """A package of files is being read or loaded."""
        megabytes = sum(file.found.size for file in files) / 1e6
        self.status.update(f"{name} {len(files)} files ({megabytes:,.0f} MB)")
        yield
