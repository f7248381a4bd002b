"""What the project has: targets, modules, options, relations; each function gives what is missing.

All take what a document names and return the part that does not exist, so that a test can also
show that a wrong name is found.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import re
import runpy
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from importlib.metadata import Distribution
from pathlib import Path
from unittest import mock

from click.testing import CliRunner

from tests.conftest import ROOT

BIN = Path(sys.executable).parent
PIPELINE = "consent_pipeline"
FOLDERS = ("alerts", "benchmarks", "dashboard", "database", "dbt_project/models", "generator",
           "pipelines", "proof", "sandbox")  # fmt: skip
OF_MAKE = ("--silent", "--keep-going")
OF_ALL = ("--help", "--select")


def unknown_commands(commands: Iterable[list[str]]) -> list[str]:
    """Commands of which the program, a target, a module, a file or an option does not exist."""
    return [" ".join(words) for words in commands if not _is_known(words)]


def unknown_paths(paths: Iterable[str]) -> list[str]:
    """Paths (patterns too) that are not there and that .gitignore does not name."""
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()}
    return [p for p in paths if p.strip("/") not in ignored and not _matches(p)]


def unknown_capitals(words: Iterable[str]) -> list[str]:
    """Words in capitals that neither a source nor a document of the project has."""
    documents = {file.stem for file in ROOT.iterdir() if file.is_file()}
    return [w for w in words if w not in documents and not re.search(rf"\b{w}\b", _sources())]


def not_in_code(names: Iterable[str]) -> list[str]:
    """Names that are neither a folder's or a file's nor in our Python."""
    files = [f for folder in FOLDERS for f in (ROOT / folder).rglob("*.py")]
    code = "\n".join(file.read_text() for file in files)
    return [n for n in names if not _matches(n) and not re.search(rf"\b{n}\b", code)]


def unknown_options(options: Iterable[str]) -> list[str]:
    """Options that no program of ours takes, nor make or dbt."""
    return [
        o for o in options if f'add_argument("{o}"' not in _flat() and o not in (*OF_MAKE, *OF_ALL)
    ]


def not_installed(packages: Iterable[str]) -> list[str]:
    """Packages that this environment, made from the lock, does not hold."""
    return [package for package in packages if not any(Distribution.discover(name=package))]


def _is_known(words: list[str]) -> bool:
    program, rest = words[0], words[1:]
    if program == "make":
        return all(_is_known_to_make(word) for word in rest)
    if program in ("python", "dbt"):
        called = _called(program, rest)
        return called is not None and _has_options(called, rest)
    if program == "dlt":
        return rest[:1] == ["pipeline"] and PIPELINE in rest and rest[-1] in _dlt_commands()
    if program == "cd":
        return rest[0].startswith("/path/to/") or (ROOT / rest[0]).is_dir()
    if program == "export":
        return not unknown_capitals([rest[0].partition("=")[0]])
    return (ROOT / program).is_file()


def _is_known_to_make(word: str) -> bool:
    makefile = (ROOT / "Makefile").read_text()
    if word.startswith("-"):
        return word in OF_MAKE
    if "=" in word:
        name = word.partition("=")[0]
        return f"$({name})" in makefile or f"$(call given,{name})" in makefile
    return re.search(rf"^(?!\.)(?:[\w-]+ )*{re.escape(word)}:", makefile, re.MULTILINE) is not None


def _called(program: str, words: list[str]) -> tuple[str, ...] | None:
    """What starts the program that is named, without its options; None where there is none."""
    if program == "dbt":
        return (str(BIN / "dbt"), *words[:1])
    if words[:1] == ["-m"]:
        try:
            found = importlib.util.find_spec(words[1])
        except ModuleNotFoundError:
            return None
        return (sys.executable, "-m", words[1]) if found else None
    return (sys.executable, str(ROOT / words[0])) if (ROOT / words[0]).is_file() else None


def _has_options(called: tuple[str, ...], words: list[str]) -> bool:
    options = [word.partition("=")[0] for word in words if word.startswith("--")]
    help_text = _help(called)
    return bool(help_text) and all(re.search(rf"{o}(?![\w-])", help_text) for o in options)


@cache
def _help(called: tuple[str, ...]) -> str:
    """What `--help` prints; nothing where the program refuses."""
    if called[0] == str(BIN / "dbt"):
        from dbt.cli.main import cli

        shown = CliRunner().invoke(cli, [*called[1:], "--help"])
        return shown.stdout if shown.exit_code == 0 else ""
    if called[:2] == (sys.executable, "-m"):
        return _help_here(called[2])
    done = subprocess.run(
        [*called, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    return done.stdout if done.returncode == 0 else ""


def _help_here(module: str) -> str:
    """What `python -m MODULE --help` prints, without a process: there are many."""
    said = io.StringIO()
    with (
        mock.patch.object(sys, "argv", [module, "--help"]),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        try:
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        except SystemExit as ended:
            return "" if ended.code else said.getvalue()
    return ""


@cache
def _dlt_commands() -> tuple[str, ...]:
    text = _help((str(BIN / "dlt"), "pipeline"))
    return tuple(word for found in re.findall(r"\{([\w,-]+)\}", text) for word in found.split(","))


def _matches(path: str) -> bool:
    """Whether it is there; a bare file name may be anywhere in the project's own folders."""
    if "/" not in path.rstrip("/"):
        own = [f for f in ROOT.iterdir() if f.is_dir() and not f.name.startswith(".")]
        return any(ROOT.glob(path)) or any(any(f.rglob(path)) for f in own)
    return any(ROOT.glob(path.rstrip("/")))


@cache
def _flat() -> str:
    """The sources without line breaks within calls."""
    return re.sub(r"\(\s+", "(", _sources())


@cache
def _sources() -> str:
    """Everything that is run here, and the heads of the input's files, as one text."""
    listed = [ROOT / "Makefile", ROOT / "docker-compose.yml", ROOT / "tests" / "conftest.py"]
    listed += (ROOT / ".ci").iterdir()
    for folder in FOLDERS:
        listed += [f for f in (ROOT / folder).rglob("*") if f.suffix in (".py", ".sql", ".yml")]
    heads = [file.open().readline() for file in (ROOT / "input").rglob("*.csv")]
    return "\n".join([*(file.read_text() for file in listed if file.is_file()), *heads])
