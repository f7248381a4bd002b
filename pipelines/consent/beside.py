"""Work that goes on in a thread beside the caller's: the next step ahead, the look at the bytes.

Arrow, hashing and numpy work without the interpreter's lock, so that both cores are used.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from pipelines.consent.delivery import Delivery
from pipelines.consent.errors import FileRefusedError
from pipelines.consent.inspection import inspect

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


@contextmanager
def inspected(delivery: Delivery) -> Iterator[None]:
    """Inspects the file's bytes while the caller reads its rows, and sets its content hash.

    Raises:
        FileRefusedError: the inspection's reason before the reader's, which follows from it (behind
            a broken quote, a parser finds rows of any number of fields); or the content is not the
            one that the run's plan was made for.
    """
    file = delivery.file
    with ThreadPoolExecutor(max_workers=1) as inspector:
        coming = inspector.submit(inspect, file.absolute, file.format)
        try:
            yield
        except FileRefusedError as error:
            _settle(delivery, coming)
            raise error
        _settle(delivery, coming)


def _settle(delivery: Delivery, coming: Future[tuple[str, str | None]]) -> None:
    try:
        content_hash, refusal = coming.result()
    except OSError as error:
        raise FileRefusedError(f"cannot be read ({error.strerror})", for_now=True) from None
    if delivery.content_hash not in (None, content_hash):
        raise FileRefusedError(
            "it was written to while being read; run the load again", for_now=True
        )
    delivery.content_hash = content_hash
    if refusal is not None:
        raise FileRefusedError(refusal) from None
