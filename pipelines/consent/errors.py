"""What can go wrong, as sentences for the person who runs the load."""

from __future__ import annotations


class LoadError(Exception):
    """The run cannot go on; the message is one sentence that says what to do."""


class DataError(LoadError):
    """The database refuses rows that passed the checks; the message is the reason."""


class FileRefusedError(Exception):
    """One file cannot be loaded as a whole; the message is the reason, without the path.

    Args:
        for_now: the reason is not the file's content: the next run tries it again.
    """

    def __init__(self, reason: str, *, for_now: bool = False) -> None:
        super().__init__(reason)
        self.for_now = for_now
