"""Work that goes on in a thread beside the caller's: the next step ahead, the look at the bytes.

Arrow, hashing and numpy work without the interpreter's lock, so that both cores are used.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
_END = object()


def ahead(pieces: Iterable[T]) -> Generator[T, None, None]:
    """The same pieces, made one ahead in a thread of their own.

    Raises:
        Exception: what making one raises, where the piece would have come.
    """
    iterator = iter(pieces)
    with ThreadPoolExecutor(max_workers=1) as maker:
        coming = maker.submit(next, iterator, _END)
        while (piece := coming.result()) is not _END:
            coming = maker.submit(next, iterator, _END)
            yield piece  # type: ignore[misc]
