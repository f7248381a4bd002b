"""Runs the load and kills its own process, as kill -9 does, at a chosen point.

    KILL_EVENT=statement|file KILL_AT=n python kill_at.py --input DIR

Points are counted from 1: two for each SQL statement (before it, and after it was answered) and one
for each chunk of rows that is copied, or one for each file that is opened, renamed or removed.
KILL_AT=0 prints how many there were.
"""

import io
import itertools
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

import psycopg2
import psycopg2.extensions
from psycopg2.sql import Composable

if TYPE_CHECKING:
    from _typeshed import SupportsRead

EVENT, AT = os.environ["KILL_EVENT"], int(os.environ["KILL_AT"])
FILE_EVENTS = {"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree"}
counter = itertools.count(1)
passed = 0


def point() -> None:
    """One point at which the process may end."""
    global passed
    passed = next(counter)
    if passed == AT:
        os.kill(os.getpid(), signal.SIGKILL)


class KillingCursor(psycopg2.extensions.cursor):
    """A cursor whose statements are points."""

    def execute(self, *arguments: Any, **options: Any) -> None:
        """Executes between two points."""
        point()
        super().execute(*arguments, **options)
        point()

    def copy_expert(self, sql: str | bytes | Composable, file: Any, size: int = 8192) -> None:
        """Copies; every chunk that is sent is a point, and the end is one."""
        super().copy_expert(sql, Chunks(file), size)
        point()


class Chunks(io.RawIOBase):
    """A stream whose reads are points."""

    def __init__(self, stream: "SupportsRead[bytes]") -> None:
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        """The next chunk."""
        point()
        return self._stream.read(size)


def arm() -> None:
    """Counts from now on."""
    if EVENT == "statement":
        connect = psycopg2.connect
        psycopg2.connect = lambda *a, **k: connect(*a, **{**k, "cursor_factory": KillingCursor})
        return

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        # Reading modules and opening /proc is no state that could be left half-way.
        if event in FILE_EVENTS and "/home/" in str(arguments[0]):
            point()

    sys.addaudithook(hook)


if __name__ == "__main__":
    from pipelines.consent_pipeline import main

    arm()
    code = main(sys.argv[1:])
    if AT == 0:
        print(f"points: {passed}")
    sys.exit(code)
