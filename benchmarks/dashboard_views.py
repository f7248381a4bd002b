"""How fast the dashboard opens, and answers a filter, over a million events."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

from benchmarks.build import MILLION
from benchmarks.measure import Row, Sample, median_seconds
from benchmarks.workshop import Workshop
from dashboard.tools import browser

logger = logging.getLogger(__name__)

CHARTS_IN_VIEW = 2
"""A screen of 1280 × 900 px shows filters, tiles and two charts without scrolling."""
_CHANGED = "before => document.querySelector('.tile .value').innerText !== before"


def page(workshop: Workshop, rounds: int) -> Iterator[Row]:
    """Time the first view and a filter, each in a real browser with nothing cached."""
    if browser.chromium() is None:
        logger.warning("no Chromium or Chrome here: the page is left out")
        return
    base = workshop.delivery("990,000 small events csv", MILLION)
    workshop.first_load(base)
    workshop.build()
    first, filtered = [], []
    with browser.served(**workshop.environment) as address:
        view(address)  # warms the server up; not measured
        for number in range(1, rounds + 1):
            seconds, change = view(address, number)
            first.append(Sample(seconds, 0))
            filtered.append(Sample(change, 0))
    yield Row("dashboard over 990,000 events: first view", median_seconds(first), wanted="≤ 1 s")
    yield Row("dashboard: a filter", median_seconds(filtered), wanted="≤ 0.4 s")


def view(address: str, country: int = 0) -> tuple[float, float]:
    """Return the seconds until figures and first charts appear, and from a filter to new figures.

    `country` is the position in the list; it differs each time, since the page caches answers.
    """
    with browser.tab(is_guarded=False) as tab:
        start = time.monotonic()
        tab.page.goto(address, wait_until="commit")
        tab.page.wait_for_selector(".tile .value")
        tab.wait_for_charts(CHARTS_IN_VIEW)
        first = time.monotonic() - start
        tab.page.wait_for_selector("body[data-drawn]")
        before = tab.page.locator(".tile .value").first.inner_text()
        tab.page.locator(".control summary", has_text="Country").click()
        option = tab.page.locator("input[name=country]").nth(country + 2)
        start = time.monotonic()
        option.check()
        tab.page.wait_for_function(_CHANGED, arg=before)
        return first, time.monotonic() - start
