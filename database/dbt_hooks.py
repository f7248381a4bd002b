"""What our launcher changes inside dbt, for the process that it runs in.

These names are replaced, which tests/database/test_dbt_hooks.py checks:

- `psycopg2` in `dbt.adapters.postgres.connections`: dbt connects to the project's database as the
  load does. A profile has places for few of libpq's parameters, and none for what a session needs.
- `load_profile` in `dbt.cli.requires`: the first moment at which the target is known.
- `env_secrets` in `dbt_common.events.functions`, `build_type_tester` and `empty_table` in
  `dbt_common.clients.agate_helper`, `__iter__` and `__getitem__` of `MacroNamespace` in
  `dbt.context.macros`: what dbt computes again for each event, result and macro, though it stays
  the same. That was a quarter of a build with nothing new.

And dbt tells a callback what failed.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from database import address, explanations
from database.address import Address


@contextmanager
def connections_to(found: Address) -> Iterator[Callable[[], None]]:
    """Has dbt open its connections to `found` with `address.connect`; others stay dbt's own.

    Yields what closes those that are kept for the next node; it is called at the end, too.
    """
    from dbt.adapters.postgres import connections

    module = _Psycopg2(found)
    try:
        with _replaced(connections, "psycopg2", module):
            yield module.end
    finally:
        module.end()


@contextmanager
def computed_once() -> Iterator[None]:
    """Has dbt look for secret variables once in a run, and make each kind of type tester once.

    dbt looks through the environment for each of a run's thousands of events. For each result of a
    query, and for each statement without one, it makes parsers of dates, which depend on nothing
    but the names of the result's columns of text. And for each step it looks for each of some 450
    macros in five places, one after the other.
    """
    from dbt.context.macros import MacroNamespace
    from dbt_common.clients import agate_helper
    from dbt_common.events import functions
    from dbt_common.exceptions.base import env_secrets

    secrets = env_secrets()
    nothing = agate_helper.empty_table()  # type: ignore[no-untyped-call]
    build = functools.lru_cache(maxsize=256)(agate_helper.build_type_tester)

    def build_type_tester(
        text_columns: Iterable[str], string_null_values: Iterable[str] | None = ("null", "")
    ) -> Any:
        null_values = None if string_null_values is None else tuple(string_null_values)
        return build(frozenset(text_columns), null_values)

    with (
        _replaced(functions, "env_secrets", lambda: secrets),
        _replaced(agate_helper, "build_type_tester", build_type_tester),
        _replaced(agate_helper, "empty_table", lambda: nothing),
        _replaced(MacroNamespace, "__iter__", lambda space: iter(_merged(space))),
        _replaced(MacroNamespace, "__getitem__", lambda space, name: _merged(space)[name]),
    ):
        yield


def _merged(namespace: Any) -> dict[str, Any]:
    """All macros of a namespace by name; of several with one name, that in the first place."""
    merged: dict[str, Any] = namespace.__dict__.setdefault("_merged", {})
    if not merged:
        for macros in reversed(list(namespace._search_order())):
            merged.update(macros)
    return merged


@contextmanager
def _replaced(module: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


class _Psycopg2:
    """The module psycopg2, as dbt's adapter sees it.

    dbt closes its connection after each node. Here it is kept for the next one: to log in and to
    set a session up takes longer than most of a small database's statements.
    """

    def __init__(self, found: Address) -> None:
        self._found = found
        self._idle: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        import psycopg2

        return getattr(psycopg2, name)

    def connect(self, **given: Any) -> Any:
        """Connect; `given` is what the profile says."""
        import psycopg2

        found = self._found
        theirs = given["host"], given["user"], given["dbname"]
        if theirs != (found.host, found.user, found.database):
            return psycopg2.connect(**given)
        return self._kept() or self._new(given.get("options"))

    def _kept(self) -> Any:
        """A connection of an earlier node as that found it, or None."""
        import psycopg2

        while self._idle:
            connection = self._idle.pop()
            try:
                connection.rollback()
                with connection, connection.cursor() as cursor:
                    cursor.execute("discard temporary")  # and it still answers
            except psycopg2.Error:
                _end(connection)
            else:
                return connection
        return None

    def _new(self, options: str | None) -> Any:
        from psycopg2.extensions import connection as plain

        idle = self._idle

        class Kept(plain):
            def close(self) -> None:
                if not self.closed:
                    self.rollback()
                    idle.append(self)

        connection = address.connect(
            self._found, fallback_application_name="dbt", connection_factory=Kept
        )
        address.without_timeouts(connection)
        if options:  # the profile's search_path
            with connection, connection.cursor() as cursor:
                cursor.execute("set search_path = " + options.partition("search_path=")[2])
        return connection

    def end(self) -> None:
        """Close what is kept."""
        while self._idle:
            _end(self._idle.pop())


def _end(connection: Any) -> None:
    from psycopg2.extensions import connection as plain

    plain.close(connection)


@contextmanager
def when_target_is_known(act: Callable[[str], None]) -> Iterator[None]:
    """Has `act` called with the schema of dbt's target, before dbt connects to it."""
    from dbt.cli import requires

    load_profile = requires.load_profile  # type: ignore[attr-defined]

    def load_and_tell(*arguments: Any, **options: Any) -> Any:
        profile = load_profile(*arguments, **options)
        act(profile.credentials.schema)
        return profile

    with _replaced(requires, "load_profile", load_and_tell):
        yield


class Progress:
    """A callback for dbt's events: says how a build goes where dbt itself is told to be quiet.

    Two lines and no counter that overwrites itself, so that it reads the same in a file.
    """

    def __init__(self) -> None:
        self._models = 0
        self._started_at = time.monotonic()

    def begin(self) -> None:
        """Before the first model."""
        print("Building the models ...", flush=True)

    def __call__(self, event: Any) -> None:
        """Look at one event."""
        if event.info.name == "LogModelResult" and event.info.level != "error":
            self._models += 1

    def end(self) -> None:
        """After a build that succeeded."""
        seconds = time.monotonic() - self._started_at
        models = "1 model" if self._models == 1 else f"{self._models} models"
        print(f"Built {models} in {seconds:.0f} s.\n", flush=True)


class Failures:
    """A callback for dbt's events: collects why steps failed, where that is known."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def __call__(self, event: Any) -> None:
        """Look at one event."""
        text = {"RunResultError": "msg", "MainEncounteredError": "exc"}.get(event.info.name)
        clause = explanations.of_statement(getattr(event.data, text)) if text else None
        if clause is not None and clause not in self.sentences:
            self.sentences.append(clause)
