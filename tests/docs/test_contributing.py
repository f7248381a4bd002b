"""CONTRIBUTING.md is run as it stands: its commands, in order, in a copy of the project."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.warehouse import Warehouse
from tests.conftest import ROOT
from tests.docs.reading import Document, document

QUICK = ("Run one test",)
"""Sections that change nothing and take seconds."""
WRITTEN = re.compile(r"^cat > (\S+) <<'END'\n(.*?)^END$", re.MULTILINE | re.DOTALL)
KEPT_OUT = (".venv", ".git", ".data", "target", "logs", "__pycache__", ".*_cache", "dist", "build")


@dataclass(frozen=True)
class Copy:
    """A copy of the project that uses this environment, and the variables of its commands."""

    folder: Path
    environment: dict[str, str]

    def run(self, script: str) -> str:
        """Run a block as one script in the copy's folder; returns what it prints."""
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """The project without what is generated, with the packages of this environment.

    `make` would install into the environment, and empty one that was moved. So the copy's own
    script for that does nothing, and its `.venv` is a folder, not a link.
    """
    folder = tmp_path / "project"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*KEPT_OUT), symlinks=True)
    (folder / ".ci" / "environment.py").write_text('"""Installs nothing."""\n')
    environment = Path(sys.prefix)
    (folder / ".venv").mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (folder / ".venv" / name).symlink_to(environment / name)
    variables = {name: os.environ[name] for name in os.environ if name != "VENV"}
    path = f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return Copy(folder, variables | {"PATH": path, "PYTHONPATH": str(folder)})


def sections(read: Document) -> dict[str, list[str]]:
    """The blocks of shell below each heading, in order."""
    parts = re.split(r"^## (.+)$", read.text, flags=re.MULTILINE)[1:]
    return {
        heading: [block for language, block in Document("", text).blocks if language == "sh"]
        for heading, text in zip(parts[::2], parts[1::2], strict=True)
    }


def test_every_section_has_commands_and_all_of_them_are_run() -> None:
    read = document("CONTRIBUTING.md")
    assert all(sections(read).values())
    assert {language for language, _ in read.blocks} == {"sh"}


def test_the_python_that_it_writes_is_python() -> None:
    written = WRITTEN.findall(document("CONTRIBUTING.md").text)
    assert len(written) > 3
    for path, content in written:
        if path.endswith(".py"):
            ast.parse(content, path)


def test_its_patches_apply(copy: Copy) -> None:
    patches = re.findall(r"^patch -p1 <<'END'.*?^END$", document("CONTRIBUTING.md").text,
                         re.MULTILINE | re.DOTALL)  # fmt: skip
    assert patches
    for patch in patches:
        assert "fuzz" not in copy.run(patch)  # it would go to lines that look alike


@pytest.mark.slow
@pytest.mark.parametrize("heading", QUICK)
def test_quick_sections(copy: Copy, heading: str) -> None:
    for block in sections(document("CONTRIBUTING.md"))[heading]:
        copy.run(block)


@pytest.mark.slow
def test_the_whole_page(
    copy: Copy, built: Warehouse, new_warehouse: Callable[..., Warehouse]
) -> None:
    """From set-up to the last section; `input/` is loaded and built already, to save the time."""
    theirs = new_warehouse(built).environment()
    changed = {name for name in theirs if os.environ.get(name) != theirs[name]}
    copy.environment.update({name: theirs[name] for name in changed})
    for blocks in sections(document("CONTRIBUTING.md")).values():
        for block in blocks:
            copy.run(block)
    copy.run("ruff check . && ruff format --check .")
