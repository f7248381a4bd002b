"""What all tests share: a Postgres of their own, in a folder and on a port of its own.

Nothing here touches the default CONSENT_HOME or a server that the user configured, so the tests
may run beside `make run` and beside each other.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from database import address
from database.address import Address
from database.database_error import DatabaseError
from database.embedded import server
from tests.dbt.conftest import Warehouse, new_warehouse, packages  # noqa: F401

ROOT = Path(__file__).resolve().parents[1]
CREDENTIALS = "DESTINATION__POSTGRES__CREDENTIALS"


def free_port() -> int:
    """A port nobody listens on, away from where servers look for theirs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session", autouse=True)
def consent_home() -> Iterator[Path]:
    """CONSENT_HOME of this session, set for every test; removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="consent-test-"))
    home.chmod(0o711)  # as root, the server runs as another user
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONSENT_HOME", str(home))
        patch.setenv("CONSENT_PORT", str(free_port()))
        for name in list(os.environ):
            if name.startswith("DESTINATION__"):
                patch.delenv(name)
        yield home
    for cluster in home.glob("**/postgres"):  # also those of tests that failed half-way
        server.stop(cluster.parent)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def database(consent_home: Path) -> Iterator[Address]:
    """The session's embedded server, running; its own database analytics_db is left alone."""
    for attempt in range(5):
        try:
            server.start(consent_home)
            break
        except DatabaseError:  # another program took the port in between
            if attempt == 4:
                raise
            os.environ["CONSENT_PORT"] = str(free_port())
    yield address.embedded()
    server.stop(consent_home)


@pytest.fixture
def fresh_database(
    database: Address, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Address]:
    """An empty database for one test, chosen in dlt's way; dlt's folder is the test's own."""
    name = f"test_{secrets.token_hex(6)}"
    admin = address.connect(database)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"create database {name}")
    url = database.url.replace(f"/{database.database}", f"/{name}")
    monkeypatch.setenv(CREDENTIALS, url)
    monkeypatch.setenv("CONSENT_HOME", str(tmp_path / "home"))
    found = address.configured()
    assert found is not None and found.database == name
    yield found
    with admin.cursor() as cursor:
        cursor.execute(f"drop database {name} with (force)")
    admin.close()


@pytest.fixture(scope="session")
def sample_input() -> Path:
    """The real deliveries that the figures of the documents come from, where they are at hand."""
    folder = ROOT.parent / "shared" / "input-sample"
    if not folder.is_dir():
        pytest.skip(f"no sample of real deliveries at {folder}")
    return folder


@pytest.fixture
def command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run one of this environment's programs: command("dbt", "build", cwd=…, env={…})."""

    def run(
        program: str, *arguments: object, cwd: Path = ROOT, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        # Without PATH to the environment, as the programs must work unactivated.
        path = sys.executable if program == "python" else Path(sys.executable).parent / program
        words = [str(path), *(str(argument) for argument in arguments)]
        full = os.environ | (env or {})
        return subprocess.run(words, cwd=cwd, env=full, capture_output=True, text=True, timeout=600)

    return run


@pytest.fixture(scope="session")
def built(new_warehouse: Callable[..., Warehouse]) -> Warehouse:  # noqa: F811
    """A database with input/ in it and all models, their tests left out."""
    return new_warehouse().built_from(ROOT / "input")
