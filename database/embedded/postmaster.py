"""The running server as the operating system sees it: postmaster.pid, processes, port."""

import contextlib
import socket
from dataclasses import dataclass
from pathlib import Path

import psutil

from database.embedded.cluster import title


@dataclass(frozen=True)
class Postmaster:
    """What postmaster.pid says about a live server; `ready` is False while it recovers."""

    pid: int
    port: int
    ready: bool


def find(cluster: Path) -> Postmaster | None:
    """Return the live server of `cluster`; None where there is none, also after `kill -9`."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except OSError:
        return None
    pid = int(lines[0]) if lines and lines[0].strip().isdigit() else 0
    if not pid or not _is_ours(pid, cluster):
        return None
    port = int(lines[3]) if len(lines) > 3 and lines[3].strip().isdigit() else 0
    return Postmaster(pid, port, len(lines) > 7 and lines[7].strip() == "ready")


def _is_ours(pid: int, cluster: Path) -> bool:
    """Whether `pid` is this cluster's postmaster, not a later process with the same number."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or "postgres" not in process.name():
            return False
        if str(cluster) in process.cmdline():
            return True
        return Path(process.cwd()) == cluster  # the folder was moved while the server ran
    except (psutil.Error, OSError):
        return False


def end_orphans(cluster: Path, seconds: float = 20) -> None:
    """End the backends that a killed postmaster left; while busy, they hold its shared memory."""
    mark = f"postgres: {title(cluster)}: "
    orphans = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if " ".join(process.cmdline()).startswith(mark):
                process.terminate()
                orphans.append(process)
    _, alive = psutil.wait_procs(orphans, timeout=seconds)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=seconds)


def forget_stale(cluster: Path) -> None:
    """Remove a postmaster.pid whose number now belongs to another program.

    Call it after `end_orphans`. If no process has that number, Postgres itself deals with the file,
    and also checks the shared memory named in it.
    """
    with contextlib.suppress(OSError, ValueError, IndexError):
        file = cluster / "postmaster.pid"
        if psutil.pid_exists(int(file.read_text().splitlines()[0])):
            file.unlink()


def is_free(port: int) -> bool:
    """Whether a server can listen on 127.0.0.1:port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
