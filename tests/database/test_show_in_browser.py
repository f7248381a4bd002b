"""dlt's inspection page in a real browser: the tables are there, and nothing leaves the machine."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from dashboard.tools import browser
from database.address import Address
from tests.conftest import free_port

if TYPE_CHECKING:
    from playwright.sync_api import Route

pytestmark = pytest.mark.browser
CHROMIUM = browser.chromium()

TOY = """
import dlt
pipeline = dlt.pipeline("consent_pipeline", destination="postgres", dataset_name="toy")
pipeline.run([{"id": 1, "word": "first"}, {"id": 2, "word": "second"}], table_name="things")
"""


@pytest.fixture
def page_address(fresh_database: Address, tmp_path: Path) -> Iterator[str]:
    """The page over a small pipeline, served from another folder than the project's."""
    subprocess.run([sys.executable, "-c", TOY], cwd=tmp_path, check=True)
    port = free_port()
    dlt = str(Path(sys.executable).parent / "dlt")
    words = [dlt, "pipeline", "consent_pipeline", "show", "--headless", "--port", str(port)]
    server = subprocess.Popen(words, cwd=tmp_path, start_new_session=True)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


def wait_for(url: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            urlopen(url, timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError(url)


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_page_shows_the_tables_and_stays_on_the_machine(page_address: str) -> None:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    wait_for(page_address)
    foreign: list[str] = []
    errors: list[str] = []

    def guard(route: "Route") -> None:
        url = route.request.url
        if url.startswith((page_address, "data:", "blob:")):
            route.continue_()
        else:
            foreign.append(url)
            route.abort()

    with sync_api.sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = chrome.new_page()
        page.route("**/*", guard)
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.goto(page_address)
        page.get_by_role("button", name="Load row counts").click(timeout=60_000)
        page.get_by_role("cell", name="things").first.wait_for(timeout=30_000)
        page.locator(".cm-content").first.click()
        page.keyboard.press("Control+a")
        page.keyboard.type("select word from things order by id")
        page.keyboard.press("Tab")
        page.get_by_role("button", name="Run Query").click()
        page.get_by_role("cell", name="second").first.wait_for(timeout=30_000)
        chrome.close()
    assert foreign == [] and errors == []
