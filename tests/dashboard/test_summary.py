"""The headline table in the terminal: narrow enough, complete, and friendly where it is empty."""

import io
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from unittest import mock

import dlt
import pytest
from rich.console import Console

from dashboard import summary
from dashboard.text import weighting_sentence as sentence
from database.address import Address
from sandbox.warehouse import Warehouse

COLUMNS, WIDE = 80, 160


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
    with mock.patch.dict("os.environ", built.environment() | {"COLUMNS": str(WIDE)}):
        dlt.current.run_context().reload()
        assert summary.main() == 0
    dlt.current.run_context().reload()
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("company ") for line in lines) == 1
    assert max(map(len, lines)) <= WIDE
    assert lines[0].split()[-3:] == ["empty", "avg", "time"]


def overview_row(**changes: Any) -> summary.Row:
    """A row of company_overview with few rows: no interval, no credible time."""
    row: summary.Row = {
        "company_id": "a", "company_name": "a.example", "industry": "Retail", "hq_country": "Spain",
        "weighting_verdict": "COUNT is already the weight", "is_time_credible": False,
        "mean_seconds_to_consent": None, "median_seconds_to_consent": None, "country_count": 3,
    }  # fmt: skip
    counts = ("event", "pageview", "consent_asked", "consent_given", "ui_action")
    row |= {f"{name}_count": 10.0 for name in counts}
    row |= {f"{name}_share": None for name in ("full_opt_in", "partial_opt_in", "opt_out", "empty")}
    for name in ("consent_conversion_rate", "corrected_consent_conversion_rate"):
        row |= {name: 0.593, f"{name}_lower": None, f"{name}_upper": None}
        row[f"{name}_is_reliable"] = False
    return row | changes


@pytest.mark.parametrize(
    ("rate", "is_reliable", "shown"),
    [
        ((0.794, 0.76, 0.82), True, "79.4% (76–82)"),
        ((0.593, 0.593, 0.593), True, "59.3% (counted)"),
        ((0.593, 0.593, 0.593), False, "59.3% ( – )"),
        ((0.593, None, None), False, "59.3% ( – )"),
        ((12.34, 10.0, 14.0), True, "1,234% (1000–1400)"),
        ((None, None, None), False, "–"),
    ],
)
def test_how_sure_a_rate_is(rate: tuple[float | None, ...], is_reliable: bool, shown: str) -> None:
    row = dict(zip(("x", "x_lower", "x_upper"), rate, strict=True)) | {"x_is_reliable": is_reliable}
    assert summary._rate(row, "x") == shown


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        (sentence.COUNT_IS_WEIGHT, "because there are too few rows."),
        (sentence.UNDECIDED, "because the data does not decide the weighting."),
        (sentence.NO_RATE, "because no row has a RATE."),
    ],
)
def test_a_missing_interval_has_its_reason(verdict: str, reason: str) -> None:
    notes = summary._notes([overview_row(weighting_verdict=verdict)])
    assert notes[1] == f"( – ): no interval, {reason}"
    assert notes[2].startswith("avg time –:")


@pytest.mark.parametrize("columns", [80, 120, 160])
def test_large_figures_and_long_names_fit(columns: int) -> None:
    console = Console(width=columns, highlight=False, file=io.StringIO())
    row = overview_row(
        company_name="a-very-long-name-of-a-company.example",
        industry="Public Sector / Charity / Education",
        event_count=123_456_789.0,
        pageview_count=98_765_432.0,
        is_time_credible=True,
        mean_seconds_to_consent=1799.0,
        median_seconds_to_consent=99.9,
        consent_conversion_rate=12.34,
        consent_conversion_rate_lower=10.0,
        consent_conversion_rate_upper=14.0,
        consent_conversion_rate_is_reliable=True,
    )
    for table in summary._tables([row], console):
        console.print(table)
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert max(map(len, printed.splitlines())) <= columns
    for figure in ("123.5M", "98.8M", "1,234% (1000–1400)", "30.0 min"):
        assert figure in printed


def test_without_figures_it_says_what_to_run(
    fresh_database: Address, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    done = command("python", "-m", "dashboard.summary")
    assert (done.returncode, done.stdout) == (1, "")
    assert "make run loads input/ and builds them" in done.stderr
