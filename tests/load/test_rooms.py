"""The rooms of the load are apart: reading and checking work without dlt."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT

WITHOUT_DLT = """
import sys
from importlib import import_module

class NoDlt:
    @staticmethod
    def find_spec(name, *_):
        if name.partition(".")[0] == "dlt":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, NoDlt)
import_module(sys.argv[1])
assert "dlt" not in sys.modules
"""


@pytest.mark.parametrize(
    "module",
    ["reading.csv", "reading.parquet", "reading.integrity", "checking.rows", "bookkeeping.plan"],
)
def test_module_is_imported_without_dlt(module: str) -> None:
    command = [sys.executable, "-c", WITHOUT_DLT, f"pipelines.consent.{module}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_source_needs_dlt() -> None:
    """So that the test above fails where it should."""
    command = [sys.executable, "-c", WITHOUT_DLT, "pipelines.consent.source"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode != 0 and "ModuleNotFoundError: dlt" in done.stderr
