"""The one place that decides which database this project uses.

That is the database in dlt's own configuration (`DESTINATION__POSTGRES__CREDENTIALS…`,
`.dlt/secrets.toml`), as dlt itself resolves it. Where nothing is configured, it is the embedded
server, started when needed.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from database.database_error import DatabaseError
from database.embedded import server

_asking = threading.local()

OLDEST_VERSION = 14
"""Major version of Postgres from which on all statements of the load and the models work."""

TIMEOUTS = (
    "statement_timeout",
    "lock_timeout",
    "idle_in_transaction_session_timeout",
    "idle_session_timeout",
)
"""Settings of a server or a role, meant for applications, that would end a load or a build."""


@dataclass(frozen=True)
class Address:
    """A database's address. Only `url` shows the password; repr and str never do."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    is_embedded: bool
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Further parameters of libpq: sslmode, sslrootcert, connect_timeout, options …"""

    @property
    def url(self) -> str:
        """The address as a postgresql:// URL, password included."""
        login = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        query = f"?{urlencode(self.options, quote_via=quote)}" if self.options else ""
        path = quote(self.database, safe="")
        host = quote(self.host, safe="") if "/" in self.host else self.host
        host = f"[{host}]" if ":" in host else host
        return f"postgresql://{login}@{host}:{self.port}/{path}{query}"

    @property
    def place(self) -> str:
        """The address for people and logs, without password and further parameters."""
        return f"{self.user}@{self.host}:{self.port}/{self.database}"


def resolve() -> Address:
    """Return the configured database, else the embedded one, started when needed.

    Raises DatabaseError where the configuration is incomplete or unreadable, and where the
    embedded server does not start.
    """
    return configured() or embedded()


def checked() -> Address:
    """Return `resolve()` after connecting once; raise DatabaseError where that fails."""
    found = resolve()
    check(found)
    return found


def embedded() -> Address:
    """Return the embedded server's address, started when needed."""
    found = server.start()
    return Address(
        host=found.host,
        port=found.port,
        user=found.user,
        password=found.password,
        database=found.database,
        is_embedded=True,
    )


def is_asking() -> bool:
    """Whether `configured` is asking dlt right now, so that our own provider must not answer."""
    return getattr(_asking, "active", False)


def configured() -> Address | None:
    """Return the address that dlt's own configuration gives, None where it gives none."""
    # Imported late, since dlt loads our plug-in, and with it this module, during its own import.
    from dlt.common.configuration.exceptions import ConfigurationException
    from dlt.common.configuration.resolve import resolve_configuration
    from dlt.destinations.impl.postgres.configuration import PostgresClientConfiguration

    _asking.active = True
    try:
        config = resolve_configuration(
            PostgresClientConfiguration(),
            sections=("destination", "postgres"),
            accept_partial=True,
        )
    except (ConfigurationException, ValueError) as error:
        raise DatabaseError(
            "The database address in DESTINATION__POSTGRES__CREDENTIALS or .dlt/secrets.toml "
            f"cannot be read ({type(error).__name__}). Expected: "
            "postgresql://user:password@host:5432/database."
        ) from None
    finally:
        _asking.active = False
    return _from_dlt(config.credentials)


def _from_dlt(found: Any) -> Address | None:
    named = {"database", "username", "password", "host"}
    given = {name for name in named if found is not None and getattr(found, name, None)}
    if not given:
        return None
    if missing := sorted(named - given):
        raise DatabaseError(
            "The database address in dlt's configuration (DESTINATION__POSTGRES__CREDENTIALS or "
            f".dlt/secrets.toml) is incomplete: {', '.join(missing)} missing."
        )
    return Address(
        host=found.host,
        port=int(found.port),
        user=found.username,
        password=found.password,
        database=found.database,
        is_embedded=False,
        options={key: str(value) for key, value in found.get_query().items()},
    )


def check(address: Address) -> None:
    """Connect once; raise DatabaseError in one sentence where that fails.

    A server or a database that this project does not work on fails too.
    """
    import psycopg2

    try:
        with closing(connect(address)) as connection:
            _refuse_unsuitable(address, connection)
    except psycopg2.OperationalError as error:
        raise DatabaseError(explain(address, str(error))) from None


def _refuse_unsuitable(address: Address, connection: Any) -> None:
    # Both are sent when a connection starts, and by poolers too: no statement is needed.
    if connection.server_version < OLDEST_VERSION * 10_000:
        version = connection.info.parameter_status("server_version")
        raise DatabaseError(
            f"The server {address.host}:{address.port} is PostgreSQL {version}; this project needs "
            f"{OLDEST_VERSION} or later."
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise DatabaseError(
            f"The database {address.database!r} has the encoding {encoding}, which cannot hold "
            "every text: make one with CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0 "
            "LC_COLLATE 'C' LC_CTYPE 'C', and name it in DESTINATION__POSTGRES__CREDENTIALS or "
            ".dlt/secrets.toml."
        )


def connect(address: Address, **options: Any) -> Any:
    """Return a psycopg2 connection; give up after 10 s without an answer."""
    import psycopg2

    query = {"connect_timeout": "10", **address.options, **options}
    return psycopg2.connect(
        host=address.host,
        port=address.port,
        user=address.user,
        password=address.password,
        dbname=address.database,
        **query,
    )


def without_timeouts(connection: Any) -> Any:
    """Switch the server's TIMEOUTS off in the session of a new connection; return the connection.

    By statements: PgBouncer refuses parameters in the start-up packet, unless it is told not to.
    """
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"set {name} = 0" for name in TIMEOUTS))
    connection.commit()  # else a rollback would take the settings back
    return connection


def takes_options(address: Address) -> bool:
    """Whether the server takes settings in the start-up packet: PgBouncer may refuse them."""
    import psycopg2

    try:
        connect(address, options=f"-c {TIMEOUTS[0]}=0").close()
    except psycopg2.OperationalError as error:
        return "startup parameter" not in str(error)
    return True


def explain(address: Address, message: str) -> str:
    """Translate libpq's message about `address` into one sentence without secrets."""
    for mark, sentence in _sentences(address):
        if mark in message:
            return sentence
    lines = message.strip().splitlines() or ["no message"]
    last = lines[-1].strip().replace(address.password, "***") if address.password else lines[-1]
    return f"The database {address.place} cannot be used: {last}"


def _sentences(address: Address) -> Iterator[tuple[str, str]]:
    server_at = f"{address.host}:{address.port}"
    hint = (
        "is another program on that port? (CONSENT_PORT chooses another)"
        if address.is_embedded
        else "check DESTINATION__POSTGRES__CREDENTIALS or .dlt/secrets.toml."
    )
    yield (
        "authentication failed",
        f"The server {server_at} refuses the user {address.user} with this password: {hint}",
    )
    yield (
        "no password supplied",
        f"The server {server_at} asks for a password for the user {address.user}: {hint}",
    )
    yield (
        "does not exist",
        f"The server {server_at} has no database {address.database!r} (or no such user): {hint}",
    )
    for mark in ("could not translate host name", "Name or service not known"):
        yield mark, f"The database's host {address.host} is not known: {hint}"
    for mark in ("Connection refused", "No route", "Network is unreachable", "timeout expired"):
        yield mark, f"No database answers at {server_at}: {hint}"
    for mark in ("server closed the connection", "received invalid response"):
        yield mark, f"The program at {server_at} is not a Postgres server: {hint}"
