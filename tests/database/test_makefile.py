"""What `make` promises: its list of commands, the order and exit code of `make run`, the zip."""

import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT

NAMED = """run test test-all help load dbt-build dbt-run dbt-test dbt-debug seed docs show db-start
db-stop db-url psql lint clean zip build shell down summary bench""".split()


def make(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *words], cwd=ROOT, capture_output=True, text=True)


def test_help_lists_every_command() -> None:
    listed = {line.split()[1] for line in make("help").stdout.splitlines()}
    assert set(NAMED) <= listed


@pytest.fixture
def stubs(tmp_path: Path) -> Path:
    """An environment whose programs only note what they were called for."""
    (tmp_path / "bin").mkdir()
    return tmp_path


def stub(venv: Path, load_code: int, dbt_code: int = 0) -> None:
    python = f"""echo "$1 $2" >> {venv}/calls
    case "$1" in pipelines/consent_pipeline.py) exit {load_code};; esac"""
    for name, body in {
        "python": python,
        "dbt": f"echo dbt >> {venv}/calls; exit {dbt_code}",
    }.items():
        program = venv / "bin" / name
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)


@pytest.mark.parametrize(
    ("load_code", "dbt_code", "steps", "passes"),
    [
        (0, 0, ["load", "dbt", "summary"], True),
        (1, 0, ["load", "dbt", "summary"], False),  # a file was refused: the others are shown
        (2, 0, ["load"], False),  # the load stopped
        (0, 1, ["load", "dbt"], False),
    ],
)
def test_run_goes_on_after_a_refused_file_only(
    stubs: Path, load_code: int, dbt_code: int, steps: list[str], passes: bool
) -> None:
    stub(stubs, load_code, dbt_code)
    done = make("run", f"VENV={stubs}", "PYTHON=true")
    assert (done.returncode == 0) is passes
    names = {"pipelines/consent_pipeline.py": "load", "dbt": "dbt", "-m": "summary"}
    calls = [line.split()[0] for line in (stubs / "calls").read_text().splitlines()]
    assert [names[call] for call in calls if call in names] == steps


def test_zip_holds_the_project_and_nothing_generated(tmp_path: Path) -> None:
    archive = tmp_path / "project.zip"
    subprocess.run(["python3", ".ci/archive.py", str(archive)], cwd=ROOT, check=True)
    names = zipfile.ZipFile(archive).namelist()
    assert {"project/Makefile", "project/.dlt/config.toml", "project/.ci/run"} <= set(names)
    assert any(name.startswith("project/input/events/parquet/") for name in names)
    for generated in ("/.venv/", "/.data/", "/__pycache__/", "/target/", "/.git/", "secrets.toml"):
        assert not [name for name in names if generated in name]
