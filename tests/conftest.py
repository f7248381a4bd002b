"""What all tests share: a separate Postgres, in its own folder and on its own port.

Nothing here touches the default CONSENT_HOME or a server that the user configured, so the tests
may run beside `make run` and beside each other.
"""

import functools
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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
OTHER_SAMPLE = os.environ.get("CONSENT_SAMPLE")
SAMPLE = Path(OTHER_SAMPLE or ROOT.parent / "shared" / "input-sample").resolve()
"""A real delivery: beside the project the one that the documents' figures are from, or another."""
OF_MAKE = {"ARGS", "MAKEFLAGS", "MAKEOVERRIDES"}
"""By these the `make` that runs the tests would give its arguments to one that a test runs."""
BUILT = re.compile(r"tests/(dashboard|docs)/|tests/dbt/test_\w*_agrees?\.py")
"""Files whose tests look at input/ or the sample with all models built."""


def free_port() -> int:
    """A port nobody listens on, away from where servers look for theirs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what needs the real delivery, where it is missing; starts with the long files."""
    if not SAMPLE.is_dir():
        left_out = [item for item in items if "sample_input" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    items.sort(key=lambda item: not item.nodeid.startswith("tests/dbt/"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make campaign ARGS="--seed 7"`: other random moments."""
    parser.addoption("--seed", type=int, default=1, help="seed of the tests marked `campaign`")


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Seed of a campaign's random draws."""
    return int(request.config.getoption("--seed"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the figures of campaigns; says once that the real delivery is missing."""
    for report in terminalreporter.getreports("passed"):
        for name, figure in report.user_properties:
            if name == "figure" and report.when == "call":
                terminalreporter.write_line(figure)
    if not SAMPLE.is_dir():
        terminalreporter.write_line(
            f"No real delivery at {SAMPLE}: the comparisons on it are left out"
            " (CONSENT_SAMPLE=FOLDER names one)."
        )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With -n: a file's tests run in one process, and so do all tests that look at input/."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return "input/ or the sample, built" if BUILT.match(file) else file

    config.option.loadscopereorder = False
    return ByFile(config, log)


def memory() -> str | None:
    """A folder in memory for the server of the tests, which makes some two hundred databases.

    None, which is the disk, where there is none or too little of it.
    """
    folder = "/dev/shm"
    return folder if Path(folder).is_dir() and shutil.disk_usage(folder).free > 8e9 else None


@pytest.fixture(scope="session", autouse=True)
def consent_home() -> Iterator[Path]:
    """CONSENT_HOME of this session, set for every test; removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="consent-test-", dir=memory()))
    home.chmod(0o711)  # as root, the server runs as another user
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONSENT_HOME", str(home))
        patch.setenv("CONSENT_PORT", str(free_port()))
        for name in list(os.environ):
            if name.startswith("DESTINATION__") or name in OF_MAKE:
                patch.delenv(name)
        yield home
    for cluster in home.glob("**/postgres"):  # also those of tests that failed half-way
        server.stop(cluster.parent)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def database(consent_home: Path) -> Iterator[Address]:
    """The session's embedded server, running; its own database analytics_db is left alone.

    It does not write through to the disk. Tests of durability start their own server.
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
    """A real delivery; tests that ask for it are left out where there is none."""
    return SAMPLE


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
