"""A quick start: what is best settled before anything is imported, and how it is imported."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quick_imports() -> Iterator[None]:
    """Imports inside are not interrupted by the collector (modules are no garbage)."""
    if "pipelines.consent" in sys.modules:
        yield  # in a process that has work of its own
        return
    # Of the allocator that Arrow brings. By default, it gives memory back at once that the next
    # batch needs again, and the system clears every page of it.
    os.environ.setdefault("MIMALLOC_PURGE_DELAY", "10000")
    gc.disable()
    try:
        _hide_pandas_from_arrow()
        yield
    finally:
        gc.freeze()
        gc.enable()


def _hide_pandas_from_arrow() -> None:
    """Lets Arrow look for pandas, which it does once, where there is none.

    It would import it with its first array, to know pandas' types among its arguments: time and
    memory for nothing. `to_pandas()` works all the same: then it looks again.
    """
    import pyarrow as pa

    if "pandas" in sys.modules:
        return
    sys.meta_path.insert(0, _NoPandas)
    try:
        pa.array([])
    finally:
        sys.meta_path.remove(_NoPandas)


class _NoPandas:
    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        """The finder of modules that Python asks first."""
        if name == "pandas":
            raise ModuleNotFoundError(name)
