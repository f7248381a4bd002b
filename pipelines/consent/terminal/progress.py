"""Progress on a terminal: which file is looked at, how many are read and loaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

from pipelines.consent.discovery.input_folder import FoundFile
from pipelines.consent.discovery.source_file import Delivery


class Progress:
    """Shows what the run is at, on a terminal; is silent elsewhere."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.status = console.status("looking at the files")

    def __enter__(self) -> Progress:
        if self.console.is_terminal:
            self.status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.status.stop()

    def inspecting(self, file: FoundFile) -> None:
        """A file is opened, to be hashed."""
        self.status.update(f"looking at {escape(file.path)}")

    @contextmanager
    def step(self, name: str, deliveries: list[Delivery]) -> Iterator[None]:
        """A package of files is being read or loaded."""
        megabytes = sum(d.file.size for d in deliveries) / 1e6
        self.status.update(f"{name} {len(deliveries)} files ({megabytes:,.0f} MB)")
        yield
