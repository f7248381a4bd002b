"""Where things live: the project, and CONSENT_HOME, the folder of all local data.

Who may read it is decided here too: only its owner. Deliveries hold payloads and user ids.
"""

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[1]

CLUSTERS = ("postgres", "postgres.new")
"""Folders of the embedded server below a home: Postgres itself keeps others out of them."""

OWN_FILES = ("dlt", "schemas", "postgres.lock", "postgres.json", "postgres.json.new", "report.html")
"""What else the project writes below a home. Anything else there is the user's."""


def consent_home() -> Path:
    """Return CONSENT_HOME (default `.data`) as an absolute path, relative to the project."""
    return (PROJECT_ROOT / Path(os.environ.get("CONSENT_HOME") or ".data").expanduser()).resolve()


def keep_private(home: Path) -> None:
    """Create `home` if it is missing, and close it and the project's files in it to others."""
    with lock(home):
        pass


@contextlib.contextmanager
def lock(home: Path) -> Iterator[None]:
    """Keep `home` private and hold its lock; the kernel releases it when the process dies.

    The folder gets mode 0700, or 0711 where root starts the server as another user, who must pass
    through. What an earlier version left readable is closed too. Files of another owner are left
    alone: only their owner can change them. Raises OSError where `home` cannot be written.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(home / "postgres.lock", os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        # Only under the lock. Another process may be creating the server: then the server's user
        # has to pass through the home before any cluster shows that it must.
        fcntl.flock(file, fcntl.LOCK_EX)
        _set_mode(home, 0o711 if _has_guest(home) else 0o700)
        for name in OWN_FILES:
            _close(home / name)
            # Not os.walk: dlt renames folders while another command of dlt may come by.
            with contextlib.suppress(FileNotFoundError):
                for path in (home / name).rglob("*"):
                    _close(path)
        yield


def _has_guest(home: Path) -> bool:
    """Whether we are root and the server below `home` runs as another user."""
    clusters = [home / name for name in CLUSTERS if (home / name).exists()]
    return os.geteuid() == 0 and any(cluster.stat().st_uid != 0 for cluster in clusters)


def _close(path: Path) -> None:
    """Take all rights of the group and of others from a file or folder; follow no links."""
    with contextlib.suppress(FileNotFoundError):
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode):
            _set_mode(path, stat.S_IMODE(mode) & 0o700)


def _set_mode(path: Path, mode: int) -> None:
    if stat.S_IMODE(path.stat().st_mode) != mode:
        with contextlib.suppress(PermissionError):
            path.chmod(mode)
