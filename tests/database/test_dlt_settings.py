"""dlt is asked for the address wherever it could find one, and not imported elsewhere."""

import os
import sys
from pathlib import Path

import pytest

from database import dlt_settings
from database.home import PROJECT_ROOT


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "environ", {"CONSENT_HOME": str(tmp_path), "A_B": "1"})
    monkeypatch.delitem(sys.modules, "dlt", raising=False)


@pytest.mark.skipif(
    (PROJECT_ROOT / ".dlt/secrets.toml").exists(), reason="a database is configured"
)
def test_the_projects_own_settings_say_nothing_about_the_database() -> None:
    assert not dlt_settings.are_there()


@pytest.mark.parametrize(
    "name",
    [
        "DESTINATION__POSTGRES__CREDENTIALS",
        "POSTGRES__HOST",
        "CREDENTIALS",
        "PASSWORD",
        "CREDENTIALS__PORT",
    ],
)
def test_a_variable_that_dlt_may_read(name: str) -> None:
    os.environ[name] = "x"
    assert dlt_settings.are_there()


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("secrets.toml", ""),
        ("config.toml", "[destination.postgres]\nx = 1"),
        ("config.toml", "credentials = 'x'"),
        ("config.toml", "= not toml"),
    ],
)
def test_a_file_that_dlt_may_read(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / "dlt").mkdir()
    (tmp_path / "dlt" / file).write_text(text)
    assert dlt_settings.are_there()


def test_an_imported_dlt_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dlt", object())
    assert dlt_settings.are_there()
