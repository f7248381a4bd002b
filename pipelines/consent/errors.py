"""What can go wrong, as sentences for the person who runs the load."""

from __future__ import annotations


class LoadError(Exception):
    """The run cannot go on; the message is one sentence that says what to do."""


class FileRefusedError(Exception):
    """One file cannot be loaded as a whole; the message is the reason, without the path."""
