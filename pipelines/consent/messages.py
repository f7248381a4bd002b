"""Errors of the database, the disk and dlt -> one sentence, without the values in their texts."""

from __future__ import annotations

import errno
from collections.abc import Iterator

import psycopg2

from database import explanations
from database.database_error import DatabaseError
from pipelines.consent.errors import DataError, LoadError

AGAIN = "nothing is lost: run the load again once the cause is gone"

# Data that is out of range, breaks a constraint or is too large for the server.
_DATA_CLASSES = ("22", "23", "54")
_DISK = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "a file became larger than this system allows",
    errno.EROFS: "the disk can only be read",
    errno.EACCES: "this user must not write there",
    errno.EPERM: "this user must not write there",
    errno.EIO: "the disk reports an error",
    errno.EMFILE: "too many files are open",
}


def explain(error: BaseException) -> BaseException:
    """What to raise instead of a foreseeable error.

    Returns:
        KeyboardInterrupt: also where dlt wrapped it.
        DataError: the database refuses the rows; trying again would end the same way.
        DatabaseError: the database cannot be reached.
        LoadError: anything else.
    """
    chain = list(_causes(error))
    for cause in chain:
        if isinstance(cause, KeyboardInterrupt):
            return KeyboardInterrupt()
        if isinstance(cause, LoadError | DatabaseError):
            return cause
    for cause in chain:
        if isinstance(cause, psycopg2.Error):
            return _database(cause)
        if isinstance(cause, OSError):
            sentence = _DISK.get(cause.errno or 0)
            failure = cause.strerror or type(cause).__name__
            where = f" ({cause.filename})" if cause.filename else ""
            return LoadError(f"{sentence or f'the load failed ({failure})'}{where}; {AGAIN}.")
        if isinstance(cause, MemoryError):
            return LoadError(f"the memory is used up; {AGAIN}.")
    return LoadError(f"the load failed ({type(chain[-1]).__name__}); {AGAIN}.")


def is_data_error(error: psycopg2.Error) -> bool:
    """Whether the rows are the cause, so that trying again would end the same way."""
    return (error.pgcode or "")[:2] in _DATA_CLASSES


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and its causes, the outermost first; dlt keeps some in attributes."""
    queue, seen = [error], set()
    while queue:
        current = queue.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        kept = [getattr(current, n, None) for n in ("client_exception", "dbapi_exception")]
        for cause in (current.__cause__, current.__context__, *kept):
            if isinstance(cause, BaseException):
                queue.append(cause)


def _database(error: psycopg2.Error) -> LoadError:
    if is_data_error(error):
        return DataError(f"the database refuses its rows ({_name(error)})")
    clause = explanations.of_statement(str(error), error.pgcode)
    if clause is None and error.pgcode is None:
        clause = "the connection to the database was cut"
    return LoadError(f"{clause or f'the database failed ({_name(error)})'}; {AGAIN}.")


def _name(error: psycopg2.Error) -> str:
    """The error's name, `CheckViolation` for example: its message may hold values of a row."""
    state = error.pgcode or ""
    try:
        return psycopg2.errors.lookup(state).__name__
    except KeyError:
        return state
