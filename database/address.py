"""The one place that decides which database this project uses.

That is the database in dlt's own configuration (`DESTINATION__POSTGRES__CREDENTIALS…`,
`.dlt/secrets.toml`), as dlt itself resolves it. Where nothing is configured, it is the embedded
server, started when needed.
"""

import logging
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlencode

from database import dlt_settings, explanations
from database.database_error import DatabaseError
from database.embedded import server

log = logging.getLogger(__name__)

_asking = threading.local()

OLDEST_VERSION = 14
"""Major version of Postgres from which on all statements of the load and the models work."""

TIMEOUTS = (
    "statement_timeout",
    "lock_timeout",
    "idle_in_transaction_session_timeout",
    "idle_session_timeout",
    "transaction_timeout",
)
"""Settings of a server or a role, meant for applications, that would end a load or a build.

The last is new in PostgreSQL 17.
"""

START_SECONDS = 300
"""How long to wait for a server that says that it is starting or recovering."""

RESTART_SECONDS = 30
"""How long to wait for a server that said so, and then stopped answering."""


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
    """Further parameters of libpq: sslmode, service, options … Several hosts are here too, as
    `host` and `port`, each a list with commas."""

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
    def server(self) -> str:
        """Host and port, or several, for people."""
        return f"{self.options.get('host', self.host)}:{self.options.get('port', self.port)}"

    @property
    def place(self) -> str:
        """The address for people and logs, without password and further parameters."""
        return f"{self.user}@{self.server}/{self.database}"


def resolve() -> Address:
    """Return the configured database, else the embedded one, started when needed.

    Raises DatabaseError where the configuration is incomplete or unreadable, and where the
    embedded server does not start.
    """
    return configured() or embedded()


def checked(*, to_write: bool = False) -> Address:
    """Return `resolve()` after `check`; raise DatabaseError where that fails."""
    found = resolve()
    check(found, to_write=to_write)
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
    if not dlt_settings.are_there():
        return None
    return of_credentials(destination_configuration().credentials)


def destination_configuration() -> Any:
    """Return dlt's configuration of the destination, as far as it is given."""
    # Imported late, since dlt loads our plug-in, and with it this module, during its own import.
    from dlt.common.configuration.exceptions import ConfigurationException
    from dlt.common.configuration.resolve import resolve_configuration
    from dlt.destinations.impl.postgres.configuration import PostgresClientConfiguration

    _asking.active = True
    try:
        return resolve_configuration(
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


def of_credentials(found: Any) -> Address | None:
    """Return the address in dlt's credentials, None where they are empty."""
    named = {"database", "username", "password", "host"}
    given = {name for name in named if found is not None and getattr(found, name, None)}
    if not given:
        return None
    if found.password is not None:
        given.add("password")
    if missing := sorted(named - given):
        raise DatabaseError(
            "The database address in dlt's configuration (DESTINATION__POSTGRES__CREDENTIALS or "
            f".dlt/secrets.toml) is incomplete: {', '.join(missing)} missing."
            + (
                " It may be empty (user:@host), where libpq finds it: passfile, a certificate."
                if "password" in missing
                else ""
            )
        )
    return Address(
        host=unquote(found.host),  # a folder of sockets is given as %2Fvar%2Frun%2Fpostgresql
        port=int(found.port),
        user=found.username,
        password=found.password,
        database=found.database,
        is_embedded=False,
        options={key: str(value) for key, value in found.get_query().items()},
    )


def check(address: Address, *, to_write: bool = False) -> None:
    """Connect once; raise DatabaseError in one sentence where that fails.

    A server or a database that this project does not work on fails too. `to_write` also refuses
    one that can only be read.
    """
    with closing(connect(address)) as connection:
        _refuse_unsuitable(address, connection)
        if to_write:
            _refuse_read_only(address, connection)


def _refuse_unsuitable(address: Address, connection: Any) -> None:
    # Both are sent when a connection starts, and by poolers too: no statement is needed.
    if connection.server_version < OLDEST_VERSION * 10_000:
        version = connection.info.parameter_status("server_version")
        raise DatabaseError(
            f"The server {address.server} is PostgreSQL {version}; this project needs "
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


def _refuse_read_only(address: Address, connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_is_in_recovery(), current_setting('transaction_read_only')")
        is_standby, is_read_only = cursor.fetchone()
    if is_standby:
        reason = (
            "it is a standby. Name the primary, or several hosts with target_session_attrs="
            "read-write"
        )
    elif is_read_only == "on":
        reason = (
            "default_transaction_read_only is on. ALTER ROLE or ALTER DATABASE … SET "
            "default_transaction_read_only = off lifts it"
        )
    else:
        return
    raise DatabaseError(f"At {address.place} the database can only be read: {reason}.")


def connect(address: Address, **options: Any) -> Any:
    """Return a psycopg2 connection; wait for a server that starts or recovers.

    Raises DatabaseError, in one sentence, where no server answers within 10 s or one refuses.
    """
    import psycopg2

    parameters = {
        "host": address.host,
        "port": address.port,
        "user": address.user,
        "password": address.password,
        "dbname": address.database,
        "connect_timeout": "10",
        **address.options,
        **options,
    }
    started = time.monotonic()
    is_starting = False
    while True:
        try:
            return psycopg2.connect(**parameters)
        except psycopg2.Error as error:
            message = str(error)
        says_so = any(text in message for text in explanations.STARTING)
        # A server that restarts answers nothing for a moment.
        is_away = is_starting and "Connection refused" in message
        patience = START_SECONDS if says_so else RESTART_SECONDS
        if not (says_so or is_away) or time.monotonic() - started > patience:
            raise DatabaseError(explain(address, message))
        if not is_starting:
            log.warning("The server %s starts or recovers: waiting for it.", address.server)
        is_starting = True
        time.sleep(0.2)


def without_timeouts(connection: Any) -> Any:
    """Switch the server's TIMEOUTS off in the session of a new connection; return the connection.

    By statements: PgBouncer refuses parameters in the start-up packet, unless it is told not to.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            # Older servers lack some of them. pg_settings, which would tell, takes 2 ms to read.
            "select set_config(name, '0', false) from unnest(cast(%s as text[])) as names (name)"
            " where current_setting(name, true) is not null",
            (list(TIMEOUTS),),
        )
    if not connection.autocommit:
        connection.commit()  # else a rollback would take the settings back
    return connection


def failure(address: Address, error: Any) -> DatabaseError:
    """Return what to raise for psycopg2's error in the middle of the work."""
    clause = explanations.of_statement(str(error), error.pgcode)
    reason = clause or f"it reports {type(error).__name__}"
    return DatabaseError(f"The database {address.place} cannot be used: {reason}.")


def explain(address: Address, message: str) -> str:
    """Translate libpq's message about `address` into one sentence without secrets."""
    hint = (
        "is another program on that port? (CONSENT_PORT chooses another)"
        if address.is_embedded
        else "check DESTINATION__POSTGRES__CREDENTIALS or .dlt/secrets.toml."
    )
    names = {
        name: getattr(address, name) for name in ("server", "host", "user", "database", "place")
    }
    sentence = explanations.of_connecting(message, {**names, "hint": hint})
    return sentence.replace(address.password, "***") if len(address.password) > 3 else sentence
