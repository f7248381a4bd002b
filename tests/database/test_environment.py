"""`.ci/environment.py`: what `make` installs, and when it installs again."""

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

SCRIPT = ROOT / ".ci" / "environment.py"


def prepare(project: Path) -> list[str]:
    return [sys.executable, str(project / ".ci/environment.py"), f"{project}/venv", "lock.txt"]


def run(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(prepare(project), cwd=project, capture_output=True, text=True)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose lock holds nothing but the two packages that install the others."""
    folder = tmp_path_factory.mktemp("environment") / "project"
    (folder / "database").mkdir(parents=True)
    (folder / ".ci").mkdir()
    shutil.copy(SCRIPT, folder / ".ci")
    shutil.copy(ROOT / "pyproject.toml", folder)
    lock = (ROOT / "requirements.txt").read_text()
    blocks = re.findall(r"^(?:uv|setuptools)==.*\n(?:    .*\n)*", lock, re.MULTILINE)
    (folder / "lock.txt").write_text("".join(blocks))
    return folder


@pytest.mark.slow
def test_two_at_once_install_once_and_a_moved_project_installs_again(project: Path) -> None:
    both = [
        subprocess.Popen(prepare(project), cwd=project, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    printed = [process.communicate(timeout=300)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(printed) == ["", "Installing the packages of lock.txt (once) ...\n"]
    dbt = project / "venv" / "bin" / "dbt"
    assert "from database.dbt import main" in dbt.read_text()
    assert subprocess.run([project / "venv/bin/python", "-m", "pip", "--version"]).returncode == 0

    with (project / "pyproject.toml").open("a") as file:
        file.write("# changed\n")
    assert run(project).stdout.startswith("Installing")
    assert run(project).stdout == ""

    moved = project.rename(project.with_name("moved"))
    assert run(moved).stdout.startswith("Installing")
    assert str(moved) in (moved / "venv" / "bin" / "dbt").read_text()
    assert run(moved).stdout == ""
    moved.rename(project)


@pytest.mark.slow
def test_package_with_another_hash_is_refused_each_time(project: Path) -> None:
    lock = project / "lock.txt"
    good = lock.read_text()
    setuptools = good[good.index("setuptools==") : good.index("uv==")]
    lock.write_text(
        good.replace(setuptools, re.sub(r"sha256:\w{8}", "sha256:00000000", setuptools))
    )
    for _ in range(2):
        done = run(project)
        assert done.returncode != 0 and "Hash mismatch" in done.stderr
    lock.write_text(good)
    assert run(project).returncode == 0


def test_old_python_is_told_which_one_is_needed() -> None:
    code = f"import runpy, sys; sys.version_info = (3, 9, 2); runpy.run_path({str(SCRIPT)!r})"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}['main']('venv', 'lock')"], capture_output=True, text=True
    )
    assert done.returncode == 1 and "Python 3.11 or newer is needed" in done.stderr


def test_pip_s_indexes_reach_uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("PIP_", "UV_", "SSL_")):
            monkeypatch.delenv(name)
    settings = tmp_path / "pip.conf"
    settings.write_text("[global]\nindex-url = https://a.example\nextra-index-url =\n  b\n  c\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    uv_settings = runpy.run_path(str(SCRIPT))["uv_settings"]
    found = uv_settings(sys.executable)
    assert (found["UV_INDEX_URL"], found["UV_EXTRA_INDEX_URL"]) == ("https://a.example", "b c")
    monkeypatch.setenv("PIP_INDEX_URL", "https://d.example")
    assert uv_settings(sys.executable)["UV_INDEX_URL"] == "https://d.example"
    monkeypatch.setenv("UV_INDEX_URL", "https://e.example")
    assert "UV_INDEX_URL" not in uv_settings(sys.executable)
