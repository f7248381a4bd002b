"""Loads a delivery: `input/` -> Postgres dataset `consent_raw`.

    python pipelines/consent_pipeline.py [--input DIR] [--check | --full-refresh]

Runs again and again: files that are loaded are not opened, changed events replace the old ones.
Exit code 0: all is loaded; 1: a file was refused or all its rows were rejected (the others are
loaded), or there are no events; 2: the run stopped; 130: ctrl-C.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from rich.console import Console

PROJECT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Runs the load and prints its report; returns the exit code."""
    parser = argparse.ArgumentParser(description="Loads a delivery into consent_raw.")
    parser.add_argument(
        "--input",
        default=str(PROJECT / "input"),
        help="folder of the delivery (input/), or an address: s3://, gs://, az://, https://, …",
    )
    parser.add_argument(
        "--full-refresh", action="store_true", help="drop what was loaded before, then load"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="read everything as a load would and say what would come of it; write nothing",
    )
    options = parser.parse_args(arguments)
    if options.check and options.full_refresh:
        parser.error("--check writes nothing, so --full-refresh makes no sense with it")
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    # Imported late, so that --help answers at once.
    with _quick_imports():
        from database.address import checked
        from database.database_error import DatabaseError
        from pipelines.consent.errors import LoadError
        from pipelines.consent.input_place import place_of
        from pipelines.consent.run import check, run
        from pipelines.consent.terminal.progress import Progress
        from pipelines.consent.terminal.run_report import print_check, print_report

    console = Console(highlight=False)
    try:
        place = place_of(options.input)
        address = None if options.check else checked(to_write=True)
        with Progress(console) as progress:
            if address is None:
                outcome = check(place, progress)
            else:
                outcome = run(address, place, full_refresh=options.full_refresh, progress=progress)
    except (LoadError, DatabaseError) as error:
        what = "check" if options.check else "load"
        print(f"The {what} stopped: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        rest = "nothing was written" if options.check else "the next load goes on from here"
        print(f"Interrupted; {rest}.", file=sys.stderr)
        return 130
    if options.check:
        print_check(outcome, console)
    else:
        print_report(outcome, console)
    return 0 if outcome.is_complete else 1


@contextmanager
def _quick_imports() -> Iterator[None]:
    """Saves what imports do in vain; the figures are CPU seconds of runs of 3 to 4."""
    if "pipelines.consent.run" in sys.modules:
        yield  # in a process that does other work too
        return
    # For the allocator that Arrow brings, before Arrow is imported. By default, it gives memory
    # back at once that the next batch needs again, and the system clears every page of it.
    os.environ.setdefault("MIMALLOC_PURGE_DELAY", "10000")
    # Modules are not garbage: looking for some, now and at every later collection, takes 0.5 s.
    gc.disable()
    # Arrow imports pandas with its first array, to know its types among the arguments: 1.3 s and
    # 32 MB for nothing. It looks once, here in vain, and again only when to_pandas() needs it.
    if "pandas" not in sys.modules:
        import pyarrow as pa

        sys.meta_path.insert(0, _NoPandas)
        pa.array([])
        sys.meta_path.remove(_NoPandas)
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class _NoPandas:
    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        """The finder of modules that Python asks first."""
        if name == "pandas":
            raise ModuleNotFoundError(name)


def _end(code: int) -> NoReturn:
    """Ends the process, also where a thread hangs in a read that never returns.

    Python would wait for its threads, and Arrow for its own.
    """
    others = [t for t in threading.enumerate() if t is not threading.main_thread() and not t.daemon]
    for thread in others:
        thread.join(0.5)
    if any(thread.is_alive() for thread in others):
        with suppress(OSError):  # nobody reads what is printed
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    _end(main())
