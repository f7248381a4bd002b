"""Page and report in a real browser: they load, stay on the machine, and follow the filters."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashboard import report
from dashboard.panels import tiles
from dashboard.panels.catalogue import BY_COMPANY, FILTERED
from dashboard.panels.selection import Selection
from dashboard.tools import browser, screenshots
from database.address import Address
from sandbox.warehouse import Warehouse

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]


@pytest.fixture
def page_address(configured: Address) -> Iterator[str]:
    with browser.served() as address:
        yield address


def values(tab: browser.Watched) -> dict[str, str]:
    labels = tab.page.locator(".tile .label").all_inner_texts()
    return dict(zip(labels, tab.page.locator(".tile .value").all_inner_texts(), strict=True))


def choose(tab: browser.Watched, control: str, option: str) -> None:
    """Picks one option of a filter, as a person does."""
    tab.page.locator(".cp.filters marimo-multiselect", has_text=control).get_by_role(
        "button"
    ).first.click()
    tab.page.get_by_role("option", name=option, exact=True).click()
    tab.page.keyboard.press("Escape")


def test_the_page_shows_every_panel_and_stays_on_the_machine(page_address: str) -> None:
    with browser.tab() as tab:
        tab.page.goto(page_address)
        tab.page.wait_for_selector("#panel-changes", timeout=60_000)
        tab.wait_for_charts(screenshots.CHARTS)
        assert tab.page.locator(".panel").count() == len(FILTERED) + len(BY_COMPANY)
        assert (tab.errors, tab.foreign) == ([], [])


OUTSIDE = """() => {
  const below = root => [...root.querySelectorAll('*')].flatMap(element =>
    [element, ...(element.shadowRoot ? below(element.shadowRoot) : [])]);
  return [...document.querySelectorAll('.cp')].flatMap(below)
    .filter(element => !element.closest('.scroll table'))
    .filter(element => element.getBoundingClientRect().right > innerWidth)
    .map(element => element.outerHTML.slice(0, 80));
}"""
"""JavaScript: elements that reach beyond the right edge; a table may, inside its scroll box."""


def test_the_page_fits_a_phone(page_address: str) -> None:
    with browser.tab(390, 844) as tab:
        tab.page.goto(page_address)
        tab.page.wait_for_selector("#panel-changes", timeout=60_000)
        tab.wait_for_charts(screenshots.CHARTS)
        assert tab.page.evaluate(OUTSIDE) == []
        assert tab.errors == []


def test_filters_change_the_figures(page_address: str, select: Callable[..., Selection]) -> None:
    with browser.tab() as tab:
        tab.page.goto(page_address)
        tab.page.wait_for_selector(".tile", timeout=60_000)
        assert values(tab) == {tile.label: tile.value for tile in tiles.tiles(select())}
        choose(tab, "Country", "France")
        expected = {t.label: t.value for t in tiles.tiles(select(countries=("FR",)))}
        tab.page.locator(".tile .value", has_text=expected["Events"]).wait_for(timeout=15_000)
        assert values(tab) == expected
        choose(tab, "Device", "television")
        both = select(countries=("FR",), devices=("television",))
        expected = {t.label: t.value for t in tiles.tiles(both)}
        tab.page.locator(".tile .value", has_text=expected["Events"]).wait_for(timeout=15_000)
        assert values(tab) == expected
        assert (tab.errors, tab.foreign) == ([], [])


def test_an_empty_database_gets_a_sentence(fresh_database: Address) -> None:
    with browser.served() as address, browser.tab() as tab:
        tab.page.goto(address)
        tab.page.get_by_text("make run loads input/ and builds them").wait_for(timeout=60_000)
        assert (tab.errors, tab.foreign) == ([], [])


@pytest.fixture
def report_file(configured: Address, tmp_path: Path) -> Path:
    file = tmp_path / "report.html"
    assert report.write(file) == 0
    return file


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_report_reads_on_any_screen(report_file: Path, width: int, scheme: str) -> None:
    with browser.tab(width, 844, scheme) as tab:
        tab.page.goto(report_file.as_uri())
        tab.page.wait_for_selector(f"body[data-drawn={scheme}]", timeout=60_000)
        tab.wait_for_charts(screenshots.CHARTS)
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= width
        wide = "[...document.querySelectorAll('.chart svg')].filter(s => s.getBoundingClientRect()"
        assert tab.page.evaluate(f"{wide}.right > innerWidth).length") == 0
        paper = tab.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (int(re.findall(r"\d+", paper)[0]) < 100) is (scheme == "dark")
        assert tab.page.locator(".finding").count() == 3
        assert (tab.errors, tab.foreign) == ([], [])


def test_the_report_names_no_other_host(report_file: Path) -> None:
    text = report_file.read_text(encoding="utf-8")
    assert not re.findall(
        r"<(?:script|link|img|iframe)[^>]*(?:src|href)=[\"']?(?:https?:)?//", text
    )
    assert "@import" not in text and not re.findall(r"url\(\s*[\"']?https?:", text)


def test_screenshots_are_made(configured: Address, tmp_path: Path) -> None:
    screenshots.dashboard(tmp_path / "page.png")
    assert screenshots.of_report(tmp_path / "report.png") == 0
    for file in tmp_path.glob("*.png"):
        assert file.stat().st_size > 50_000


def test_the_documentation_of_the_models_opens_offline_with_its_lineage(built: Warehouse) -> None:
    built.dbt("--quiet", "docs", "generate", "--static")
    file = built.folder / "target" / "static_index.html"
    with browser.tab() as tab:
        tab.page.goto(f"{file.as_uri()}#!/exposure/exposure.consent.consent_dashboard?g_v=1")
        graph = tab.page.locator("text=Update Graph >> visible=true")
        graph.first.wait_for(timeout=60_000)
        assert tab.page.get_by_text("The interactive page (make dashboard)").count()
        for mart in ("consent_daily", "time_pairs"):
            assert tab.page.get_by_text(mart, exact=True).count(), mart
        assert tab.foreign == []
