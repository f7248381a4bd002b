"""dlt finds the project's settings, folders and database from any folder."""

import argparse
import inspect
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dlt
import pytest
from dlt._workspace.cli.commands import PipelineCommand
from dlt._workspace.helpers.dashboard.runner import run_dashboard_command
from dlt._workspace.helpers.dashboard.utils import home
from dlt.common.configuration import plugins
from dlt.common.configuration.providers import ConfigProvider
from dlt.common.runtime.run_context import RunContext

from database import address
from database.address import Address
from database.dlt_plugin import show_command
from database.dlt_plugin.hooks import ProjectContext
from tests.conftest import CREDENTIALS, ROOT

Command = Callable[..., subprocess.CompletedProcess[str]]

TOY = """
import dlt
pipeline = dlt.pipeline("consent_pipeline", destination="postgres", dataset_name="toy")
pipeline.run([{"id": 1}, {"id": 2}], table_name="things")
"""


def test_dlt_still_has_what_the_plug_in_overrides() -> None:
    theirs: dict[Any, list[str]] = {
        RunContext: ["global_dir", "local_dir", "module", "initial_providers"],
        ConfigProvider: ["get_value", "name", "supports_secrets", "supports_sections"],
        PipelineCommand: ["configure_parser", "execute"],
        plugins: ["plug_run_context", "plug_cli"],
    }
    gone = [f"{t.__name__}.{n}" for t, names in theirs.items() for n in names if not hasattr(t, n)]
    assert not gone, f"dlt has no {', '.join(gone)} any more: adapt database/dlt_plugin/"
    options = {"pipeline_name", "edit", "pipelines_dir", "port", "host", "headless"}
    assert options <= set(inspect.signature(run_dashboard_command).parameters)
    assert "mo.image(" in inspect.getsource(home) and home.__dict__["mo"] is not None


def test_context_is_the_project_s(consent_home: Path) -> None:
    context = dlt.current.run_context()
    assert isinstance(context, ProjectContext)
    assert Path(context.settings_dir) == ROOT / ".dlt"
    for folder in (context.data_dir, context.local_dir, context.global_dir):
        assert Path(folder) == consent_home / "dlt"


@pytest.mark.slow  # three processes
def test_load_from_elsewhere_uses_the_one_database(
    fresh_database: Address, command: Command, tmp_path: Path
) -> None:
    away = tmp_path / "away"
    away.mkdir()
    assert command("python", "-c", TOY, cwd=away).returncode == 0
    with address.connect(fresh_database) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from toy.things")
        assert cursor.fetchone() == (2,)
    info = command("dlt", "pipeline", "consent_pipeline", "info", cwd=away)
    assert info.returncode == 0 and "dataset_name: toy" in info.stdout
    assert command("dlt", "pipeline", "consent_pipeline", "trace", cwd=away).returncode == 0
    assert list(away.iterdir()) == []


def test_dlt_itself_gets_the_embedded_server(
    database: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(CREDENTIALS, raising=False)
    destination = dlt.destinations.postgres()
    config = destination.configuration(
        destination.spec()._bind_dataset_name(dataset_name="any"), accept_partial=False
    )
    assert config.credentials.to_native_representation().startswith(database.url)


def test_partial_configuration_is_not_filled_up_from_the_embedded_server(
    database: Address, command: Command, tmp_path: Path
) -> None:
    done = command("python", "-c", TOY, cwd=tmp_path, env={f"{CREDENTIALS}__HOST": "db.example"})
    assert done.returncode != 0
    assert "incomplete: database, password, username missing" in done.stderr
    assert database.password not in done.stderr


@pytest.mark.slow  # a process that imports marimo
def test_show_needs_no_package_under_a_closed_licence(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = command("dlt", "pipeline", "consent_pipeline", "show", "--help").stdout
    assert "--port" in usage and "--headless" in usage
    started: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda words: started.append(words))
    arguments = argparse.Namespace(edit=False, port=2718, host=None, headless=True)
    show_command.open_page("consent_pipeline", None, arguments)
    [words] = started
    assert words[1:3] == ["-m", "database.dlt_plugin.inspection_page"]
    assert words[-2:] == ["--pipeline", "consent_pipeline"]
    assert words[words.index("--host") + 1] == "127.0.0.1"
