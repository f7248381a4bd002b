"""Start, stop and inspect the embedded Postgres of a CONSENT_HOME.

`start()` can be called any number of times: it is cheap when the server runs, and safe from several
processes at once. The server outlives the process that started it, and recovers after `kill -9` or
a reboot.
"""

import contextlib
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from database import explanations
from database.database_error import DatabaseError
from database.embedded import binaries, cluster, postmaster
from database.home import consent_home, lock

log = logging.getLogger(__name__)

FIRST_PORT = 5439
"""A new server takes the first free port from here: close to Postgres's 5432, rarely taken."""

START_SECONDS = 300
"""How long to wait for a server that recovers after a crash."""


@dataclass(frozen=True)
class Server:
    """A running embedded server; repr and logs do not show its password."""

    home: Path
    port: int
    pid: int
    password: str = field(repr=False)
    host: str = "127.0.0.1"
    user: str = cluster.USER
    database: str = cluster.DATABASE


def status(home: Path | None = None) -> Server | None:
    """Return the running, ready server of `home`, or None."""
    home = home or consent_home()
    live = postmaster.find(cluster.path_of(home))
    secret = cluster.read_secret(home) if live and live.ready else None
    return Server(home, live.port, live.pid, secret.password) if live and secret else None


def start(home: Path | None = None) -> Server:
    """Return the running server of `home`; create and start it when needed.

    Raises DatabaseError where the port is taken, the folder belongs to another user, the programs
    are missing, or the cluster is damaged.
    """
    home = home or consent_home()
    if (running := status(home)) is not None:
        return _on_wanted_port(running)
    with _lock(home):
        if (running := status(home)) is None:
            running = _start_locked(home)
    return _on_wanted_port(running)


def stop(home: Path | None = None) -> bool:
    """Stop the server of `home`; False when none was running."""
    home = home or consent_home()
    data = cluster.path_of(home)
    if postmaster.find(data) is None:
        return False
    with _lock(home):
        user = binaries.account(data)
        done = user.run("pg_ctl", ["-D", str(data), "-m", "fast", "-t", "120", "stop"], data)
        if done.returncode != 0 and postmaster.find(data) is not None:
            raise DatabaseError(f"The embedded Postgres in {home} could not be stopped.")
    return True


def _start_locked(home: Path) -> Server:
    data = cluster.path_of(home)
    user = binaries.account(data)
    if user.uid is not None:
        home.chmod(0o711)  # keep_private() would: but a new home has no cluster yet
    binaries.admit(user, data, binaries.folder() / "postgres")
    secret = cluster.read_secret(home) if data.exists() else cluster.create(home, user)
    if secret is None:
        raise DatabaseError(f"{data} vanished while the embedded Postgres was being started.")
    if postmaster.find(data) is None:
        postmaster.end_orphans(data)
    fixed = _wanted_port() or secret.port
    for port in [fixed] if fixed else range(FIRST_PORT, FIRST_PORT + 200):
        if not postmaster.is_free(port) and postmaster.find(data) is None:
            if fixed:
                raise _taken(fixed)
            continue
        _launch(data, user, port)
        if (running := status(home)) is not None:
            cluster.write_secret(home, secret.at(running.port))
            return running
        if fixed or postmaster.is_free(port):
            break  # the port was not the reason
    raise DatabaseError(
        f"The embedded Postgres in {home} does not start: {_reason(data)} "
        f"(its log: {data / 'server.log'})"
    )


def _launch(data: Path, user: binaries.Account, port: int) -> None:
    """Start and wait; pg_ctl gives the server a separate session, so ctrl-C does not reach it."""
    if postmaster.find(data) is None:
        postmaster.forget_stale(data)
        cluster.bring_up_to_date(data, user)
    cluster.write_settings(data, user, port)
    logfile = data / "server.log"
    if logfile.exists() and logfile.stat().st_size > 10_000_000:
        logfile.replace(data / "server.log.1")
    options = ["-D", str(data), "-l", str(logfile), "-w", "-t", str(START_SECONDS)]
    user.run("pg_ctl", [*options, "start"], data)


def _wanted_port() -> int:
    """Return CONSENT_PORT, 0 when it is not set."""
    text = os.environ.get("CONSENT_PORT", "").strip()
    if text and not (text.isdigit() and 0 < int(text) < 65536):
        raise DatabaseError(f"CONSENT_PORT is {text!r}; it must be a port number, 1 to 65535.")
    return int(text or 0)


def _on_wanted_port(server: Server) -> Server:
    if (port := _wanted_port()) not in (0, server.port):
        raise DatabaseError(
            f"The embedded Postgres already runs on port {server.port}, not on CONSENT_PORT "
            f"{port}: run `make db-stop` first, and the next start uses the new port."
        )
    return server


def _taken(port: int) -> DatabaseError:
    # Refused: moving to another port. BI tools, an open psql or a dbt run that know the stored
    # port would silently talk to a foreign server.
    return DatabaseError(
        f"Port {port} of the embedded Postgres is taken by another program: end it, or choose "
        "another port with CONSENT_PORT=<number>."
    )


def _reason(data: Path) -> str:
    """What the end of its log says, in our words where they say what to do."""
    line = _last_log_line(data)
    return explanations.of_statement(line) or line


def _last_log_line(data: Path) -> str:
    try:
        lines = (data / "server.log").read_text(errors="replace").splitlines()
    except OSError:
        return "it wrote no log."
    marked = [line for line in lines[-40:] if "FATAL" in line or "PANIC" in line]
    return (marked or lines or ["it wrote no log."])[-1].strip()


@contextlib.contextmanager
def _lock(home: Path) -> Iterator[None]:
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(lock(home))
        except OSError as error:
            raise DatabaseError(f"{home} cannot be written: {error.strerror}.") from None
        yield
