"""Read-ahead in a background thread.

Arrow and numpy work without the interpreter's lock, so both cores are used.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

T = TypeVar("T")
_END = object()

PATIENCE_SECONDS = 2
"""How long the end waits for a piece that nobody needs any more."""


def ahead(pieces: Iterable[T]) -> Generator[T, None, None]:
    """The same pieces; while the caller works on one, a thread makes the next.

    Raises:
        Exception: what making one raises, at the place of the piece.
    """
    iterator = iter(pieces)
    maker = ThreadPoolExecutor(max_workers=1)
    coming = maker.submit(next, iterator, _END)
    try:
        while (piece := coming.result()) is not _END:
            coming = maker.submit(next, iterator, _END)
            yield piece  # type: ignore[misc]
    finally:
        # The thread may still read from what the caller closes next. One that hangs is left behind.
        wait([coming], PATIENCE_SECONDS)
        maker.shutdown(wait=False)
