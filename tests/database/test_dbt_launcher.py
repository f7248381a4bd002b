"""A plain `dbt` works on the load's database, from any folder."""

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from database import address, dbt
from database.address import Address
from database.embedded import server
from tests.conftest import free_port

Command = Callable[..., CompletedProcess[str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A dbt project of one model, without a profile of its own."""
    folder = tmp_path / "toy"
    (folder / "models").mkdir(parents=True)
    settings = "name: toy\nversion: '1.0.0'\nprofile: consent\n"
    settings += "flags: {send_anonymous_usage_stats: false}\n"
    (folder / "dbt_project.yml").write_text(settings)
    (folder / "models" / "one.sql").write_text("select current_database() as name")
    return folder


@pytest.mark.parametrize(
    ("line", "needed"),
    [
        ("build", True),
        ("--quiet run --select x", True),
        ("docs generate --static", True),
        ("docs serve", False),
        ("deps", False),
        ("parse", False),
        ("--version", False),
        ("build --help", False),
        ("", False),
    ],
)
def test_only_commands_that_connect_need_the_database(line: str, needed: bool) -> None:
    assert dbt.needs_database(line.split()) is needed


@pytest.mark.parametrize(
    ("line", "variables"),
    [
        ("clone --state ../state --full-refresh", {}),
        ("--quiet clone -f", {}),
        ("clone", {"DBT_FULL_REFRESH": "1"}),
    ],
)
def test_a_clone_that_drops_stored_models_is_refused(
    line: str, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    monkeypatch.chdir(project)
    monkeypatch.setattr("sys.argv", ["dbt", *line.split()])
    monkeypatch.setenv("DBT_PROFILES_DIR", str(project))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match="clone --full-refresh would drop stored models"):
        dbt.main()


def test_build_runs_on_the_configured_database(
    fresh_database: Address, command: Command, project: Path
) -> None:
    done = command("dbt", "--no-use-colors", "build", cwd=project)
    assert done.returncode == 0, done.stdout
    with closing(address.connect(fresh_database)) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from information_schema.views where table_name = 'one'")
        assert cursor.fetchone() == (1,)


@pytest.mark.slow  # two processes of dbt
def test_a_quiet_build_says_that_it_builds_and_how_many_models_it_built(
    fresh_database: Address, command: Command, project: Path
) -> None:
    done = command("dbt", "--quiet", "build", cwd=project)
    first, last = done.stdout.split("\n", 1)
    assert first == "Building the models ..."
    assert last.startswith("Built 1 model in ")
    (project / "models" / "two.sql").write_text("select 1 / 0 as broken from nowhere")
    failed = command("dbt", "--quiet", "build", cwd=project)
    assert failed.returncode == 1
    assert failed.stdout.startswith(first) and "Built" not in failed.stdout


@pytest.mark.slow  # a process of dbt for each code
def test_exit_codes_are_dbt_s_own(fresh_database: Address, command: Command, project: Path) -> None:
    (project / "models" / "one.sql").write_text("select 1 / 0 as broken from nowhere")
    assert command("dbt", "build", cwd=project).returncode == 1
    assert command("dbt", "no-such-command", cwd=project).returncode == 2


@pytest.mark.slow  # a process of dbt
def test_password_never_reaches_the_logs(
    fresh_database: Address, command: Command, project: Path
) -> None:
    done = command("dbt", "--debug", "debug", cwd=project)
    assert "OK connection ok" in done.stdout
    written = [path.read_text() for path in project.rglob("*") if path.suffix in {".log", ".json"}]
    assert written and fresh_database.password not in done.stdout + done.stderr + "".join(written)


@pytest.mark.slow  # two processes of dbt and a new server
def test_build_starts_the_embedded_server_and_parse_does_not(
    command: Command, project: Path, consent_home: Path
) -> None:
    home = consent_home / "dbt-home"
    env = {"CONSENT_HOME": str(home), "CONSENT_PORT": str(free_port())}
    assert command("dbt", "parse", cwd=project, env=env).returncode == 0
    assert not home.exists()
    try:
        assert command("dbt", "build", cwd=project, env=env).returncode == 0
        assert server.status(home) is not None
    finally:
        server.stop(home)


def test_nobody_else_reads_what_dbt_writes_below_the_home(
    consent_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.umask(0o022)
    try:
        for folder, mask in ((tmp_path, 0o022), (consent_home / "target", 0o077)):
            monkeypatch.setenv("DBT_TARGET_PATH", str(folder))
            dbt._keep_private()
            assert os.umask(0o022) == mask
    finally:
        os.umask(before)
