"""What libpq and the server say when something fails -> one sentence that says what to do.

An error of a statement has a code (SQLSTATE), which holds in every language of the server. An
error of connecting has only its text, and so has what dbt prints.
"""

import re
from dataclasses import dataclass

STARTING = (
    "the database system is starting up",
    "the database system is in recovery mode",
    "the database system is not yet accepting connections",
    "the database system is shutting down",
)
"""What a server answers that will take connections later, or was about to stop."""

_ADDRESS_PARTS = "DESTINATION__POSTGRES__CREDENTIALS or .dlt/secrets.toml"


@dataclass(frozen=True)
class Cause:
    """Texts or codes that show one cause, and its sentence.

    A code of two characters stands for its class. A cause with both, texts and codes, is found by
    either; `only_with` has to be in the message too.
    """

    texts: tuple[str, ...]
    codes: tuple[str, ...]
    sentence: str
    only_with: str = ""


# The first that fits is taken, so those that say more stand first.
_OF_STATEMENTS = (
    Cause(
        ("could not resize shared memory segment",),
        ("53100",),
        "the server's shared memory is full: give it more (Docker: --shm-size=1g), or set"
        " max_parallel_workers_per_gather = 0 there",
        only_with="shared memory segment",
    ),
    Cause(
        ("No space left on device", "Disk quota exceeded"),
        ("53100",),
        "the database's disk is full: make room on it",
    ),
    Cause(
        ("out of shared memory",),
        ("53200",),
        "the server's table of locks is full: raise max_locks_per_transaction there",
        only_with="shared memory",
    ),
    Cause(
        ("out of memory", "Cannot allocate memory"),
        ("53200",),
        "the database server has no memory left: give it more, or lower work_mem there",
    ),
    Cause(
        ("temp_file_limit",),
        ("53400",),
        "a statement needs more temporary files than the server allows: raise temp_file_limit",
    ),
    Cause(
        (
            "too many clients already",
            "remaining connection slots",
            "too many connections for",
            "no more connections allowed",
        ),
        ("53300",),
        "the server has no free connection: close some, or raise max_connections (or the CONNECTION"
        " LIMIT of the user or of the database)",
    ),
    Cause(
        ("due to statement timeout",),
        ("57014",),
        "a statement took longer than the server's statement_timeout allows:"
        " ALTER ROLE … SET statement_timeout = 0 lifts it for this user",
        only_with="statement timeout",
    ),
    Cause(
        ("due to transaction timeout",),
        ("25P04",),
        "a transaction took longer than the server's transaction_timeout allows:"
        " ALTER ROLE … SET transaction_timeout = 0 lifts it for this user",
    ),
    Cause(
        ("due to lock timeout",),
        ("55P03",),
        "another session held a lock for longer than the server's lock_timeout allows: end that"
        " session",
    ),
    Cause(
        ("due to user request",),
        ("57014",),
        "another session cancelled a statement (pg_cancel_backend)",
        only_with="user request",
    ),
    Cause((), ("57014",), "a timeout of the server or another session cancelled a statement"),
    Cause(
        ("due to idle-session timeout", "due to idle-in-transaction timeout"),
        ("57P05", "25P03"),
        "the server ends idle sessions: ALTER ROLE … SET idle_session_timeout = 0, and the same"
        " with idle_in_transaction_session_timeout, lift that for this user",
    ),
    Cause(
        ("due to administrator command",),
        ("57P01",),
        "the server was shut down in the middle, or an administrator ended the session: start it"
        " again",
    ),
    Cause(
        ("because of crash of another server process",),
        ("57P02",),
        "a process of the server crashed in the middle, and the server recovers: its log says why",
    ),
    Cause(STARTING, ("57P03",), "the server starts, recovers or stops: wait until it is ready"),
    Cause((), ("57P04",), "the database was dropped in the middle"),
    Cause(
        ("in a read-only transaction", "cannot be executed during recovery"),
        ("25006",),
        "the database can only be read: it is a standby, or default_transaction_read_only is on",
    ),
    Cause(
        ("permission denied for", "must be owner of", "permission denied to"),
        ("42501",),
        "the database user lacks a right{right}",
    ),
    Cause(("deadlock detected",), ("40P01",), "another session was in the way (deadlock)"),
    Cause(
        ("could not serialize access", "due to conflict with recovery"),
        ("40001",),
        "another session changed the same rows meanwhile",
    ),
    Cause((), ("42P01", "3F000"), "a table or schema was dropped meanwhile"),
    Cause(
        ("Input/output error", "Read-only file system"),
        ("58",),
        "the database cannot read or write its files: its log says why",
    ),
    Cause(
        ("invalid page in block", "could not read block"),
        ("XX001", "XX002"),
        "the database found its files damaged: restore them from a backup (REINDEX, where it is an"
        " index)",
    ),
    Cause(
        (
            "server closed the connection",
            "connection already closed",
            "could not receive data from server",
            "could not send data to server",
            "SSL SYSCALL error",
            "SSL connection has been closed",
            "no connection to the server",
        ),
        ("08", "57"),
        "the connection to the database was cut",
    ),
)

# {server}, {user}, {database} and {place} are those of the address, {hint} says where to look;
# {detail} is the message's last line.
_OF_CONNECTING = (
    Cause(
        ("root certificate file", "weak sslmode"),
        (),
        "To check the certificate of {server}, as sslmode asks, the certificate of its authority is"
        " needed: name its file in sslrootcert, or choose sslmode=require, which does not check.",
    ),
    Cause(
        ("certificate verify failed", "self-signed certificate", "self signed certificate"),
        (),
        "The certificate of {server} is not from the authority in sslrootcert: name that"
        " authority's certificate there.",
    ),
    Cause(
        ("does not match host name", "certificate for"),
        (),
        "The certificate of {server} is for another host name: connect by the name in it, or choose"
        " sslmode=verify-ca. ({detail})",
    ),
    Cause(
        ("server does not support SSL",),
        (),
        "The server {server} offers no TLS (SSL), which sslmode demands: switch it on there, or"
        " choose sslmode=prefer.",
    ),
    Cause(
        ("certificate file", "private key", "certificate revocation", "valid client certificate"),
        (),
        "The client's certificate or key cannot be used: check sslcert, sslkey, sslpassword and"
        " sslcrl. ({detail})",
    ),
    Cause(
        ("SSL error", "channel binding"),
        (),
        "The server {server} and this machine do not agree on TLS: check sslmode, channel_binding,"
        " sslcert and sslrootcert. ({detail})",
    ),
    Cause(
        ("password authentication failed",),
        (),
        "The server {server} refuses the user {user} with this password: {hint}",
    ),
    Cause(
        ("authentication failed", "empty password returned"),
        (),
        "The server {server} refuses the user {user} ({detail}): {hint}",
    ),
    Cause(
        ("no password supplied",),
        (),
        "The server {server} asks for a password for the user {user}: {hint}",
    ),
    Cause(
        ("pg_hba.conf",),
        (),
        "The server {server} does not let the user {user} in from this machine, or only with"
        " another sslmode: add a line to its pg_hba.conf. ({detail})",
    ),
    Cause(
        ('role "',),
        (),
        "The server {server} has no user {user!r}: {hint}",
        only_with="does not exist",
    ),
    Cause(
        ("is not permitted to log in",),
        (),
        "The user {user} may not log in at {server}: ALTER ROLE {user} LOGIN allows it.",
    ),
    Cause(
        ('database "',),
        (),
        "The server {server} has no database {database!r}: {hint}",
        only_with="does not exist",
    ),
    Cause(("no such database",), (), "The server {server} has no database {database!r}: {hint}"),
    Cause(("no such user",), (), "The server {server} has no user {user!r}: {hint}"),
    Cause(
        ("is not currently accepting connections",),
        (),
        "The database {database!r} at {server} takes no connections: ALTER DATABASE {database}"
        " ALLOW_CONNECTIONS true allows them.",
    ),
    Cause(
        ("permission denied for database",),
        (),
        "The user {user} may not connect to the database {database!r} at {server}:"
        " GRANT CONNECT ON DATABASE {database} TO {user} allows it.",
    ),
    Cause(
        ("Hot standby mode is disabled", "not accepting connections"),
        (),
        "The server {server} is a standby that takes no connections: name its primary.",
    ),
    Cause(
        STARTING,
        (),
        "The server {server} starts or recovers and is still not ready: its log says why.",
    ),
    Cause(
        ("session is read-only", "session is not read-only", "hot standby mode"),
        (),
        "No server at {server} is of the kind that target_session_attrs asks for: {hint}",
    ),
    Cause(
        ("unsupported startup parameter",),
        (),
        "The pooler at {server} refuses a parameter of the address: leave it out, or add it to"
        " ignore_startup_parameters there. ({detail})",
    ),
    Cause(
        ("server login", "login rejected", "query_wait_timeout", "pgbouncer cannot connect"),
        (),
        "The pooler at {server} does not reach its server: its log says why. ({detail})",
    ),
    Cause(
        ("could not translate host name", "Name or service not known", "name resolution"),
        (),
        "The database's host {host} is not known: {hint}",
    ),
    Cause(
        (
            "Connection refused",
            "No route",
            "Network is unreachable",
            "timeout expired",
            "Connection timed out",
            "Is the server running",
        ),
        (),
        "No database answers at {server}: {hint}",
    ),
    Cause(
        (
            "server closed the connection",
            "received invalid response",
            "expected authentication request",
            "Connection reset by peer",
            "unsupported frontend protocol",
        ),
        (),
        "The program at {server} is not a Postgres server, or it is just stopping: {hint}",
    ),
    Cause(
        (
            "invalid connection option",
            "invalid dsn",
            "invalid integer value",
            " value: ",
            "definition of service",
            "service file",
            "invalid port number",
            "could not match",
        ),
        (),
        f"A parameter of the address in {_ADDRESS_PARTS} does not work. ({{detail}})",
    ),
)

_RIGHT = re.compile(
    r'permission denied for (\w+) ("[^"]+"|[\w.]+)|must be owner of (\w+) ([\w."]+)'
)


def of_statement(message: str, code: str | None = None) -> str | None:
    """Say in a clause, without a full stop, why a statement failed; None if no cause fits.

    Args:
        code: the SQLSTATE of the error. Without it, the text of the message decides.
    """
    for cause in _OF_STATEMENTS:
        if _fits(cause, message, code):
            return cause.sentence.format(right=_missing_right(message))
    return None


def of_connecting(message: str, names: dict[str, str]) -> str:
    """Say in one sentence why connecting failed.

    Args:
        names: server, host, user, database, place and hint, for the sentence.
    """
    detail = (message.strip().splitlines() or ["no message"])[-1].strip()
    detail = re.sub(r"^connection to server .* failed: |^FATAL: +", "", detail).removeprefix(
        "FATAL:"
    )
    for cause in _OF_CONNECTING:
        if _fits(cause, message, None):
            return cause.sentence.format(**names, detail=detail.strip())
    if clause := of_statement(message):
        return f"The database {names['place']} cannot be used: {clause}."
    return f"The database {names['place']} cannot be used: {detail}"


def _fits(cause: Cause, message: str, code: str | None) -> bool:
    if code is not None:
        found = code in cause.codes or code[:2] in cause.codes
    else:
        found = any(text in message for text in cause.texts)
    return found and cause.only_with in message


def _missing_right(message: str) -> str:
    """Which right, and the statement that gives it, as far as the message says."""
    found = _RIGHT.search(message)
    if found is None:
        return ""
    if found[3]:
        return f": ALTER {found[3].upper()} {found[4]} OWNER TO … makes it the owner"
    kind = "TABLE" if found[1] in ("view", "relation") else found[1].upper()
    if kind == "DATABASE":
        return f": GRANT CREATE ON DATABASE {found[2]} TO … gives it"
    return f": GRANT ALL ON {kind} {found[2]} TO … gives it"
