"""What all tests share: a Postgres of their own, in a folder and on a port of its own.

Nothing here touches the default CONSENT_HOME or a server that the user configured, so the tests
may run beside `make run` and beside each other.
"""

import functools
import os
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
from database.dbt import PROJECT
from database.embedded import server
from sandbox import servers
from sandbox.warehouse import Warehouse

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
    """The session's embedded server, running; its own database analytics_db is left alone.

    It does not write through to the disk. What is about that starts a server of its own.
    """
    for attempt in range(5):
        try:
            servers.start_unsafe(consent_home)
            break
        except DatabaseError:  # another program took the port in between
            if attempt == 4:
                raise
            os.environ["CONSENT_PORT"] = str(free_port())
    yield address.embedded()
    servers.end_unsafe(consent_home)


@pytest.fixture
def fresh_database(database: Address, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Address:
    """An empty database for one test, chosen in dlt's way; dlt's folder is the test's own.

    Nobody drops it: the server goes with the session.
    """
    made = Warehouse.create(database, tmp_path / "home")
    monkeypatch.setenv(CREDENTIALS, made.url)
    monkeypatch.setenv("CONSENT_HOME", str(made.folder))
    found = address.configured()
    assert found is not None and found.database == made.address.database
    return found


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
def packages() -> None:
    """dbt's packages, as `make` installs them."""
    variables = os.environ | {"DBT_UTILS": ""}
    subprocess.run([sys.executable, "install_packages.py"], cwd=PROJECT, env=variables, check=True)


@pytest.fixture(scope="session")
def new_warehouse(
    database: Address, packages: None, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Warehouse]:
    """Makes databases, empty or copies of another one; the server takes them with it."""

    def make(template: Warehouse | None = None) -> Warehouse:
        return Warehouse.create(database, tmp_path_factory.mktemp("dbt"), template)

    return make


@pytest.fixture(scope="session")
def build(new_warehouse: Callable[..., Warehouse]) -> Callable[[Path], Warehouse]:
    """Loads a delivery and builds all models, once: build(folder) gives what is to be read only."""

    @functools.cache
    def make(folder: Path) -> Warehouse:
        return new_warehouse().built_from(folder)

    return make


@pytest.fixture(scope="session")
def built(build: Callable[[Path], Warehouse]) -> Warehouse:
    """A database with input/ in it and all models, their tests left out."""
    return build(ROOT / "input")
