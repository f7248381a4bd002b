"""Markup, formulas and control characters in a delivery are shown as text, and nothing runs."""

import csv
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from dashboard import report
from dashboard.tools import browser
from sandbox.warehouse import Warehouse
from tests.conftest import ROOT

IDS = ("<script>hacked=1</script>", "<script>hacked=2</script>")
"""Their first eight characters, by which a company without a domain is named, are the same."""
VENDOR = "<img src=x onerror='hacked=3'>"
DEVICE = "</script><!--<script>hacked=4"
INDUSTRY = "=cmd()[/b]\x1b[2J"


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Events of two companies of input/ under hostile names, and a company file for them."""
    folder = tmp_path_factory.mktemp("hostile")
    companies = folder / "country_and_industry" / "industry and country.csv"
    companies.parent.mkdir()
    with companies.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["PUBLIC_API_KEY", "INDUSTRY_BACK", "INDUSTRY_FRONT", "HQ_COUNTRY"])
        rows.writerows([name, INDUSTRY, INDUSTRY, "<b>France</b>"] for name in IDS)
    (folder / "events" / "csv").mkdir(parents=True)
    (folder / "events" / "parquet").mkdir()
    for number, name in enumerate(IDS, start=2):
        path = Path("events") / "csv" / f"events-company-{number}.csv"
        _renamed(ROOT / "input" / path, folder / path, name)
    return folder


def _renamed(source: Path, target: Path, company: str) -> None:
    with source.open(newline="") as old, target.open("w", newline="") as new:
        rows = csv.DictReader(old)
        assert rows.fieldnames
        written = csv.DictWriter(new, rows.fieldnames)
        written.writeheader()
        for row, _ in zip(rows, range(1500), strict=False):
            payload = row["PARAMETERS"].replace('"google"', f'"{VENDOR}"')
            changed = {"APIKEY": company, "DEVICE_TYPE": DEVICE, "PARAMETERS": payload}
            changed["DOMAIN"] = "of.both.example"
            written.writerow(row | changed)


@pytest.fixture(scope="module")
def hostile(new_warehouse: Callable[..., Warehouse], delivery: Path) -> Warehouse:
    return new_warehouse().built_from(delivery)


@pytest.fixture
def chosen(hostile: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in hostile.environment().items():
        monkeypatch.setenv(name, value)


def harmless(tab: browser.Watched, names: tuple[str, ...] = IDS) -> None:
    """The companies and the vendor are shown as text, no script ran, no request went out."""
    text = tab.page.locator("body").inner_text()
    for shown in (*names, VENDOR):
        assert shown in text
    assert tab.page.evaluate("typeof hacked") == "undefined"
    assert tab.page.locator("img[src=x], main script:not([type]), .panel b").count() == 0
    assert (tab.errors, tab.foreign) == ([], [])


@pytest.mark.browser
@pytest.mark.usefixtures("chosen", "chromium")
def test_the_page_shows_markup_as_text() -> None:
    with browser.served() as address, browser.tab() as tab:
        tab.page.goto(address)
        tab.page.wait_for_selector("body[data-drawn]", timeout=60_000)
        harmless(tab)
        for control in tab.page.locator(".control summary").all():
            control.click()
        harmless(tab)
        tab.page.locator(".control summary").first.click()
        tab.page.locator("input[name=company]").first.check()
        tab.page.locator(".chip", has_text=IDS[0]).wait_for()
        harmless(tab, IDS[:1])
        query = quote(f'"><script>hacked=5</script>{VENDOR}')
        tab.page.goto(tab.page.url.split("?")[0] + f"?country={query}&industry={query}")
        tab.page.wait_for_selector("body[data-drawn]", timeout=60_000)
        assert tab.page.evaluate("typeof hacked") == "undefined"
        assert tab.errors == []


@pytest.mark.browser
@pytest.mark.usefixtures("chosen", "chromium")
def test_the_report_shows_markup_as_text(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    assert report.write(file) == 0
    with browser.tab() as tab:
        tab.page.goto(file.as_uri())
        tab.page.wait_for_selector("body[data-drawn]", timeout=60_000)
        harmless(tab)


def test_the_summary_shows_markup_as_text(
    hostile: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    printed = hostile.run(sys.executable, "-m", "dashboard.summary")
    assert printed.count("<script>") == 2 * len(IDS)  # in two tables
    assert "=cmd()[/b]" in printed and "\x1b" not in printed
