"""Create a cluster (initdb, role, database) and write its settings.

`<home>/postgres/` is the cluster, `<home>/postgres.json` (0600) its port and password.
"""

import hashlib
import json
import os
import secrets
import shutil
import subprocess
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from database.database_error import DatabaseError
from database.embedded.binaries import Account

USER = "ae_interview"
DATABASE = "analytics_db"

SETTINGS = """\
# Rewritten at every start by database/embedded/cluster.py: edit there.
listen_addresses = '127.0.0.1'
unix_socket_directories = ''        # TCP only: one address for dlt, dbt and psql
password_encryption = 'scram-sha-256'
scram_iterations = 1                # the password is random: nobody guesses it, repeated or not
max_connections = 50
fsync = on                          # these three stay on, so that nothing is lost
full_page_writes = on
synchronous_commit = on
wal_level = minimal                 # no replica here; COPY into a new table skips the WAL
max_wal_senders = 0
max_wal_size = 4GB
min_wal_size = 256MB
checkpoint_timeout = 15min
shared_buffers = 256MB              # a laptop with two cores
effective_cache_size = 2GB
work_mem = 32MB
maintenance_work_mem = 256MB
random_page_cost = 1.1
jit = off                           # compiling costs more than these queries take
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
log_min_messages = log              # no errors, statements or details: they quote payloads,
log_min_error_statement = panic     # and the client gets them anyway
log_error_verbosity = terse
log_checkpoints = off
"""

COMPRESSION = "default_toast_compression = lz4\nwal_compression = lz4\n"
"""For programs built with lz4 (the wheel's 18.4 is not): it takes half the time of pglz."""

SMALL_SHM = "dynamic_shared_memory_type = sysv\n"
"""For containers: their /dev/shm of 64 MB is too small for a parallel query."""

ACCESS = "host all all 127.0.0.1/32 scram-sha-256\n"

ROLES = f"""\
CREATE ROLE {USER} LOGIN CREATEDB CREATEROLE PASSWORD '{{password}}'
GRANT pg_monitor, pg_signal_backend, pg_checkpoint TO {USER}
CREATE DATABASE {DATABASE} OWNER {USER}
"""
"""The role is not a superuser, so SQL cannot read the machine's files or run programs."""


MAY_CREATE_ROLES = "consent.roles"
"""File that marks a cluster whose role has CREATEROLE; one of an earlier version gets it later."""


@dataclass(frozen=True)
class Secret:
    """Port (0 until one is chosen) and password of an embedded server."""

    port: int
    password: str = field(repr=False)

    def at(self, port: int) -> "Secret":
        """Return the same with another port."""
        return replace(self, port=port)


def path_of(home: Path) -> Path:
    """Return the folder of the cluster (PGDATA)."""
    return home / "postgres"


def read_secret(home: Path) -> Secret | None:
    """Return port and password of the cluster in `home`, None where there is no cluster."""
    try:
        return Secret(**json.loads((home / "postgres.json").read_text()))
    except FileNotFoundError:
        if not path_of(home).exists():
            return None
        raise DatabaseError(
            f"{home / 'postgres.json'} (port and password of the embedded server) is missing: "
            f"put it back, or delete {path_of(home)} and load again."
        ) from None
    except PermissionError:
        raise DatabaseError(
            f"{home} belongs to another user: set CONSENT_HOME to a folder that is yours."
        ) from None
    except (ValueError, TypeError):
        raise DatabaseError(f"{home / 'postgres.json'} cannot be read as JSON.") from None


def write_secret(home: Path, secret: Secret) -> None:
    """Write port and password durably; only their owner can read them."""
    owner = home.stat()
    _write(home / "postgres.json", json.dumps(asdict(secret)), (owner.st_uid, owner.st_gid))


def _write(file: Path, text: str, owner: tuple[int, int]) -> None:
    """Replace the whole file durably, with mode 0600; do not follow a link at its path."""
    draft = file.with_name(file.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        if os.geteuid() == 0:
            os.fchown(descriptor, *owner)
        stream.write(text)
        stream.flush()
        os.fsync(descriptor)
    draft.replace(file)


def create(home: Path, user: Account) -> Secret:
    """Create the cluster in `home`; start over where an earlier attempt was interrupted."""
    draft = home / "postgres.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    user.own(draft)
    secret = Secret(port=0, password=secrets.token_urlsafe(24))
    # Sorting by code point is the same on every machine. "trust" only ends up in initdb's access
    # file, which is replaced below before the server ever listens; `postgres` gets no password.
    options = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
    options += ["--builtin-locale=C.UTF-8", "--auth=trust", "--no-instructions"]
    _must(user.run("initdb", ["-D", str(draft), "-U", "postgres", *options], draft))
    write_settings(draft, user, port=0)
    statements = ROLES.format(password=secret.password)
    _must(user.run("postgres", ["--single", "-D", str(draft), "postgres"], draft, statements))
    (draft / MAY_CREATE_ROLES).touch()
    write_secret(home, secret)
    draft.rename(path_of(home))
    return secret


def bring_up_to_date(data: Path, user: Account) -> None:
    """Give the role of a cluster of an earlier version what `create` gives; no server may run."""
    if not (data / MAY_CREATE_ROLES).exists():
        single = ["--single", "-D", str(data), "postgres"]
        if user.run("postgres", single, data, f"ALTER ROLE {USER} CREATEROLE\n").returncode == 0:
            (data / MAY_CREATE_ROLES).touch()


def write_settings(cluster: Path, user: Account, port: int) -> None:
    """Write our settings and access rules into the cluster's own files."""
    include = "include = 'consent.conf'\n"
    settings = [SETTINGS, f"cluster_name = '{title(cluster)}'\n"]
    if port:
        settings.append(f"port = {port}\n")
    if "--with-lz4" in user.run("pg_config", ["--configure"], cluster).stdout:
        settings.append(COMPRESSION)
    shm = Path("/dev/shm")
    if shm.is_dir() and shutil.disk_usage(shm).total < 512 * 1024**2:
        settings.append(SMALL_SHM)
    files = {
        "consent.conf": "".join(settings),
        "pg_hba.conf": ACCESS,
    }
    main = cluster / "postgresql.conf"
    if include not in (text := main.read_text()):
        files["postgresql.conf"] = text + include
    owner = cluster.stat()
    for file, content in files.items():
        _write(cluster / file, content, (owner.st_uid, owner.st_gid))


def title(cluster: Path) -> str:
    """Return the name that the server's processes show; it is unique to the cluster's folder."""
    return f"consent-{hashlib.sha256(str(cluster.parent).encode()).hexdigest()[:12]}"


def _must(done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode != 0 or "ERROR" in done.stderr or "FATAL" in done.stderr:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no message"]
        raise DatabaseError(f"The embedded Postgres could not be created: {lines[-1].strip()}")
