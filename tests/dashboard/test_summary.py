"""The headline table in the terminal: narrow enough, complete, and friendly where it is empty."""

import subprocess
import sys
from collections.abc import Callable
from unittest import mock

import dlt
import pytest

from dashboard import summary
from database.address import Address
from sandbox.warehouse import Warehouse

COLUMNS = 80


def test_it_fits_a_terminal_and_shows_every_company(
    built: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    lines = built.run(sys.executable, "-m", "dashboard.summary").splitlines()
    assert max(map(len, lines)) <= COLUMNS
    names = built.rows("select company_name from marts.dim_companies where has_events")
    expected = {name for (name,) in names} | {"all companies"}
    volume, rest = lines[1 : len(expected) + 1], lines[len(expected) + 1 :]
    assert (rest[0], rest[1].split()[0]) == ("", "company")
    consent = rest[2 : len(expected) + 2]
    for table in (volume, consent):
        assert {line[:14].strip() for line in table} == expected
        assert table[-1].startswith("all companies")
    assert all(line.endswith(" s") for line in consent)
    assert lines[-1] == "next: make dashboard"


def test_one_table_where_the_terminal_is_wide(
    built: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    with mock.patch.dict("os.environ", built.environment() | {"COLUMNS": str(summary.WIDE)}):
        dlt.current.run_context().reload()
        assert summary.main() == 0
    dlt.current.run_context().reload()
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("company ") for line in lines) == 1
    assert max(map(len, lines)) <= summary.WIDE
    assert lines[0].split()[-3:] == ["empty", "avg", "time"]


@pytest.mark.parametrize(
    ("rate", "shown"),
    [
        ((0.794, 0.76, 0.82), "79.4% (76–82)"),
        ((0.593, 0.593, 0.593), "59.3% (counted)"),
        ((0.593, None, None), "59.3% ( – )"),
        ((None, None, None), "–"),
    ],
)
def test_how_sure_a_rate_is(rate: tuple[float | None, ...], shown: str) -> None:
    assert summary._rate(*rate) == shown


def test_without_figures_it_says_what_to_run(
    fresh_database: Address, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    done = command("python", "-m", "dashboard.summary")
    assert (done.returncode, done.stdout) == (1, "")
    assert "make run loads input/ and builds them" in done.stderr
