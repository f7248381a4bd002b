"""Read-ahead in a background thread.

Arrow and numpy work without the interpreter's lock, so both cores are used.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
_END = object()


def ahead(pieces: Iterable[T]) -> Generator[T, None, None]:
    """The same pieces; while the caller works on one, a thread makes the next.

    Raises:
        Exception: what making one raises, at the place of the piece.
    """
    iterator = iter(pieces)
    with ThreadPoolExecutor(max_workers=1) as maker:
        coming = maker.submit(next, iterator, _END)
        while (piece := coming.result()) is not _END:
            coming = maker.submit(next, iterator, _END)
            yield piece  # type: ignore[misc]
