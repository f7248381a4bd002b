"""What can go wrong, as sentences for the person who runs the load."""

from __future__ import annotations


class LoadError(Exception):
    """The run cannot go on; the message is one sentence that says what to do."""


class DataError(LoadError):
    """The database refuses rows that passed the checks; the message is the reason."""


class FileRefusedError(Exception):
    """One file cannot be loaded as a whole; the message is the reason, without the path."""
