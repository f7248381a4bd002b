"""Page and report in a real browser: they load, stay on the machine, and follow the filters."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import axe_playwright_python
import pytest

from dashboard import report
from dashboard.charts import theme
from dashboard.panels import tiles
from dashboard.panels.catalogue import PANELS, ROOMS
from dashboard.panels.selection import Selection
from dashboard.tools import browser, screenshots
from database.address import Address
from sandbox.warehouse import Warehouse

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]


@pytest.fixture(scope="module")
def page_address(built: Warehouse) -> Iterator[str]:
    with browser.served(**built.environment()) as address:
        yield address


def values(tab: browser.Watched) -> dict[str, str]:
    labels = tab.page.locator(".tile .label").all_inner_texts()
    return dict(zip(labels, tab.page.locator(".tile .value").all_inner_texts(), strict=True))


def choose(tab: browser.Watched, control: str, option: str) -> None:
    """Picks one option of a filter, as a person does."""
    tab.page.locator(".control summary", has_text=control).click()
    tab.page.get_by_role("checkbox", name=option, exact=True).check()
    tab.page.keyboard.press("Escape")


def drawn(tab: browser.Watched) -> None:
    tab.page.wait_for_selector("body[data-drawn]", timeout=60_000)


def test_the_page_shows_every_panel_and_stays_on_the_machine(page_address: str) -> None:
    with browser.tab() as tab:
        requests: list[str] = []
        tab.page.on("request", lambda request: requests.append(request.url))
        tab.page.goto(page_address)
        drawn(tab)
        tab.wait_for_charts(screenshots.CHARTS)
        assert tab.page.locator(".panel").count() == len(PANELS)
        assert len(requests) <= 5 + len(ROOMS)
        assert "token" not in tab.page.url
        assert (tab.errors, tab.foreign) == ([], [])


OUTSIDE = """() => [...document.querySelectorAll('main *, header *')]
    .filter(element => !element.closest('.scroll table, .controls, .hidden'))
    .filter(element => element.getBoundingClientRect().right > innerWidth)
    .map(element => element.outerHTML.slice(0, 80))"""
"""JavaScript: elements that reach beyond the right edge; what scrolls in its box may."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_and_is_accessible(page_address: str, width: int, scheme: str) -> None:
    with browser.tab(width, 844, scheme) as tab:
        tab.page.goto(page_address)
        tab.page.wait_for_selector(f"body[data-drawn={scheme}]", timeout=60_000)
        assert tab.page.evaluate(OUTSIDE) == []
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(tab) == []
        assert tab.errors == []


def violations(tab: browser.Watched) -> list[str]:
    """What axe-core finds that is serious or critical, or moderate."""
    tab.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = tab.page.evaluate("axe.run().then(result => result.violations)")
    return [
        f"{each['id']} ({each['impact']}): {node['html'][:120]} {node['failureSummary'][:160]}"
        for each in found
        if each["impact"] != "minor"
        for node in each["nodes"][:3]
    ]


def test_filters_change_the_figures(page_address: str, select: Callable[..., Selection]) -> None:
    with browser.tab() as tab:
        tab.page.goto(page_address)
        drawn(tab)
        everything = values(tab)
        assert everything == {tile.label: tile.value for tile in tiles.tiles(select())}
        choose(tab, "Country", "France")
        expected = {t.label: t.value for t in tiles.tiles(select(countries=("FR",)))}
        tab.page.locator(".tile .value", has_text=expected["Events"]).wait_for(timeout=15_000)
        assert values(tab) == expected
        assert "country=FR" in tab.page.url
        choose(tab, "Device", "television")
        both = select(countries=("FR",), devices=("television",))
        expected = {t.label: t.value for t in tiles.tiles(both)}
        tab.page.locator(".tile .value", has_text=expected["Events"]).wait_for(timeout=15_000)
        assert values(tab) == expected
        assert expected["Events"] in tab.page.locator("#announcement").inner_text()

        tab.page.reload()
        drawn(tab)
        assert values(tab) == expected
        assert tab.page.locator(".control", has_text="Country").locator(".chosen").inner_text()
        tab.page.go_back()
        tab.page.locator(".chip", has_text="television").wait_for(state="detached")
        assert "television" not in tab.page.url
        assert not tab.page.locator("input[name=device]:checked").count()
        tab.page.get_by_role("link", name="Reset all filters").click()
        tab.page.locator(".chip").first.wait_for(state="detached")
        assert values(tab) == everything
        assert (tab.errors, tab.foreign) == ([], [])


def test_a_click_on_a_mark_filters(page_address: str) -> None:
    with browser.tab() as tab:
        tab.page.goto(page_address)
        drawn(tab)
        bar = tab.page.locator("#chart-statuses svg.marks .mark-rect path").first
        bar.evaluate("bar => bar.scrollIntoView({block: 'center'})")
        box = bar.bounding_box()
        assert box
        asked: list[str] = []
        tab.page.on("request", lambda request: asked.append(request.url))
        tab.page.mouse.click(box["x"] + 8, box["y"] + 8)
        tab.page.wait_for_function("location.search.startsWith('?company=')")
        tab.page.locator(".chip", has_text="Company:").wait_for()
        tab.page.locator("[aria-busy]").first.wait_for(state="detached")
        # The document that is there already is not fetched again.
        assert all("?company=" in address for address in asked)
        assert tab.errors == []


def test_the_company_table_is_sorted_by_any_column(page_address: str) -> None:
    with browser.tab() as tab:
        tab.page.goto(page_address)
        drawn(tab)
        table = tab.page.locator("#panel-companies table")
        table.get_by_role("button", name="events").click()
        assert table.locator("th[aria-sort=descending]").count() == 1
        column = "row => Number(row.cells[10].dataset.order)"
        rows = table.locator("tbody tr")
        figures = rows.evaluate_all(f"rows => rows.map({column})")
        assert figures[:-1] == sorted(figures[:-1], reverse=True)
        assert rows.last.locator("th").inner_text() == "all companies"


PAPER = 1030
"""Pixels of an A4 page across, less the margins."""


def test_paper_holds_every_company(
    page_address: str, select: Callable[..., Selection], tmp_path: Path
) -> None:
    with browser.tab() as tab:
        tab.page.goto(page_address)
        drawn(tab)
        tab.page.emulate_media(media="print")
        tab.page.set_viewport_size({"width": PAPER, "height": 1000})
        cut = """() => [...document.querySelectorAll('#panel-companies tr > *')].filter(cell =>
            cell.getBoundingClientRect().right > innerWidth + 1).length"""
        assert tab.page.evaluate(cut) == 0
        shown = tab.page.locator("#panel-companies tbody th").all_inner_texts()
        assert set(select().companies.short) <= set(shown)


def test_paper_from_a_dark_page_is_legible(page_address: str) -> None:
    with browser.tab(scheme="dark") as tab:
        tab.page.goto(page_address)
        drawn(tab)
        tab.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        fills = "texts => texts.map(text => text.getAttribute('fill'))"
        inks = set(tab.page.locator(".chart svg text").evaluate_all(fills))
        assert inks and not inks & {theme.config(dark=True)["axisY"]["labelColor"]}
        widths = "charts => charts.map(chart => Number(chart.getAttribute('width')))"
        assert min(tab.page.locator(".chart svg").evaluate_all(widths)) > 800
        assert not tab.page.locator(".finding details:not([open])").count()
        assert tab.errors == []


def test_the_tiles_are_on_a_phones_first_screen(page_address: str) -> None:
    with browser.tab(390, 844) as tab:
        tab.page.goto(page_address)
        drawn(tab)
        bottom = tab.page.locator(".tiles").evaluate(
            "tiles => tiles.getBoundingClientRect().bottom"
        )
        assert bottom <= 844


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
        assert violations(tab) == []
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= width
        wide = "[...document.querySelectorAll('.chart svg')].filter(s => s.getBoundingClientRect()"
        assert tab.page.evaluate(f"{wide}.right > innerWidth).length") == 0
        paper = tab.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
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
