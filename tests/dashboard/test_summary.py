"""The headline table in the terminal: narrow enough, complete, and friendly where it is empty."""

import subprocess
import sys
from collections.abc import Callable

from database.address import Address
from sandbox.warehouse import Warehouse

COLUMNS = 80


def test_it_fits_a_terminal_and_shows_every_company(built: Warehouse) -> None:
    lines = built.run(sys.executable, "-m", "dashboard.summary").splitlines()
    assert max(map(len, lines)) <= COLUMNS
    companies = built.rows("select left(company_id, 8) from marts.dim_companies where has_events")
    shown = lines[1 : len(companies) + 1]
    assert {(line[:8],) for line in shown} == set(companies)
    assert all(line.endswith("%") for line in shown)


def test_without_figures_it_says_what_to_run(
    fresh_database: Address, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    done = command("python", "-m", "dashboard.summary")
    assert (done.returncode, done.stdout) == (1, "")
    assert "make run loads input/ and builds them" in done.stderr
