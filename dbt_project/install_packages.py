"""Installs dbt's packages: the hub's dbt_utils, or without the hub our own small one.

Run: python dbt_project/install_packages.py [--again]
DBT_UTILS=FOLDER takes that copy of dbt_utils instead, without a network.

A finished installation carries a marker that says what it was made from, and is left alone as
long as that holds; anything else in its place is replaced. The hub is asked once: `--again` asks
it again. Two runs at once are safe: the second waits for the first.
"""

import fcntl
import hashlib
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent
OFFLINE = PROJECT / "offline_packages" / "dbt_utils"
INSTALLED = PROJECT / "dbt_packages" / "dbt_utils"
MARKER = ".installed_from"
LOCK = PROJECT / "target" / "packages.lock"
HUB_SECONDS = 15
"""What `dbt deps` gets: 5 are enough where the hub answers; without it, it may try for minutes."""

log = logging.getLogger(__name__)


def main(again: bool = False) -> None:
    """Install what is missing or was made from something else; `again` installs in any case."""
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("w") as guard:
        # Another run, which may already build, must not find the package gone.
        fcntl.flock(guard, fcntl.LOCK_EX)
        chosen = os.environ.get("DBT_UTILS")
        if chosen:
            copy_package(Path(chosen), "folder " + str(Path(chosen).resolve()))
            log.info("dbt_utils: copied from %s", chosen)
        elif again or not is_current():
            install()


def is_current() -> bool:
    """Whether a finished installation of what this project asks for is in place."""
    marker = INSTALLED / MARKER
    return marker.is_file() and marker.read_text() in (from_hub(), from_offline())


def install() -> None:
    """Take the hub's package, else ours."""
    if ask_hub():
        (INSTALLED / MARKER).write_text(from_hub())
        log.info("dbt_utils: installed from the dbt hub")
    else:
        copy_package(OFFLINE, from_offline())
        log.warning(
            "dbt_utils: the dbt hub cannot be reached, so the project's own small version is used"
            " (dbt_project/offline_packages/dbt_utils)"
        )


def ask_hub() -> bool:
    """Run `dbt deps`; False where it fails or takes too long."""
    shutil.rmtree(INSTALLED, ignore_errors=True)
    (PROJECT / "package-lock.yml").unlink(missing_ok=True)
    command = [sys.executable, "-m", "dbt.cli.main", "deps", "--project-dir", str(PROJECT)]
    command += ["--no-send-anonymous-usage-stats", "--quiet"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=HUB_SECONDS, cwd=PROJECT)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0 and (INSTALLED / "dbt_project.yml").is_file()


def copy_package(source: Path, made_from: str) -> None:
    """Put a copy in place in one step, marker included: what is there is never half made."""
    if not (source / "dbt_project.yml").is_file():
        sys.exit(f"dbt_utils: {source} is no dbt package: it has no dbt_project.yml")
    # not beside the installation: dbt takes every folder there for a package
    half_made = PROJECT / "target" / f"dbt_utils.{os.getpid()}"
    shutil.copytree(source, half_made, ignore=shutil.ignore_patterns(".git", "integration_tests"))
    (half_made / MARKER).write_text(made_from)
    shutil.rmtree(INSTALLED, ignore_errors=True)
    INSTALLED.parent.mkdir(exist_ok=True)
    half_made.rename(INSTALLED)


def from_hub() -> str:
    """Marker of the hub's package as packages.yml asks for it."""
    return "hub " + digest([PROJECT / "packages.yml"])


def from_offline() -> str:
    """Marker of our own package, contents included."""
    return "offline " + digest(sorted(path for path in OFFLINE.rglob("*") if path.is_file()))


def digest(paths: list[Path]) -> str:
    """SHA-256 of some files' contents."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    main(again="--again" in sys.argv[1:])
