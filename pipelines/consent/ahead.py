"""Reading ahead: the next piece is read in a thread while this one is worked on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
_END = object()


def read_ahead(pieces: Iterable[T]) -> Iterator[T]:
    """The same pieces, one ahead. Arrow parses without the interpreter's lock, so both cores work.

    Raises:
        Exception: what reading raises, where the piece would have come.
    """
    iterator = iter(pieces)
    with ThreadPoolExecutor(max_workers=1) as reader:
        coming = reader.submit(next, iterator, _END)
        while (piece := coming.result()) is not _END:
            coming = reader.submit(next, iterator, _END)
            yield piece  # type: ignore[misc]
