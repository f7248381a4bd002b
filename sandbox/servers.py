"""Postgres servers for tests: a new cluster in a tenth of a second, and one that forgoes fsync."""

import atexit
import functools
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psutil

from database.embedded import binaries, cluster, server

UNSAFE = """\
# Written by sandbox/servers.py for the tests' own server, whose data nobody keeps.
fsync = off
full_page_writes = off
synchronous_commit = off
autovacuum_naptime = 1d             # not through every database of every test; off would also stop
                                    # new indexes from writing their table's statistics
max_wal_size = 1GB
"""


def create_cluster(home: Path) -> None:
    """Put a cluster that was never started into `home`: a copy of one made by the first call."""
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o711)  # as root, the server runs as another user
    subprocess.run(["cp", "-a", f"{_template()}/.", str(home)], check=True)


def start_unsafe(home: Path) -> server.Server:
    """Start the server of `home`, made where it is missing, without its protection from a crash."""
    data = cluster.path_of(home)
    if not data.exists():
        create_cluster(home)
        (data / "postgresql.auto.conf").write_text(UNSAFE)  # read after the project's own settings
    return server.start(home)


def end_unsafe(home: Path) -> None:
    """End a server of `start_unsafe` at once: what it holds in memory is not written any more."""
    if (running := server.status(home)) is not None:
        os.kill(running.pid, signal.SIGQUIT)
        psutil.wait_procs([psutil.Process(running.pid)], timeout=20)


@functools.cache
def _template() -> Path:
    home = Path(tempfile.mkdtemp(prefix="consent-template-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    home.chmod(0o711)
    data = cluster.path_of(home)
    user = binaries.account(data)
    binaries.admit(user, data, binaries.folder() / "postgres")
    cluster.create(home, user)
    return home
