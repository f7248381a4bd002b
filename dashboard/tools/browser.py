"""Page and report in headless Chromium or Chrome: for screenshots, tests and `make bench`."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from database.home import PROJECT_ROOT

DRAWN = "count => document.querySelectorAll('svg.marks').length >= count"
"""JavaScript: whether so many charts are drawn."""
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
         "--disable-component-update", "--no-first-run"]  # fmt: skip
"""Chromium as root, without a screen, and without its own requests to other machines."""
_LOCAL = ("http://127.0.0.1:", "ws://127.0.0.1:", "file:", "data:", "blob:")


def chromium() -> str | None:
    """Path of the machine's Chrome or Chromium; None where neither is installed."""
    # Chrome first: Ubuntu's chromium-browser is a stub that only asks for its snap.
    names = ("google-chrome", "chrome", "chromium", "chromium-browser")
    return next(filter(None, map(shutil.which, names)), None)


@contextmanager
def served(**environment: str) -> Iterator[str]:
    """Serves the dashboard on a free port, as `make dashboard` does; yields its address."""
    with subprocess.Popen(
        [sys.executable, "-m", "dashboard", "--headless"],
        cwd=PROJECT_ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield _address(process)
        finally:
            with suppress(ProcessLookupError):  # it has already ended
                os.killpg(process.pid, signal.SIGTERM)


def _address(process: subprocess.Popen[str]) -> str:
    """The printed address, once something answers there."""
    assert process.stdout is not None
    found = re.search(r"http://[\d.:]+/\S*", process.stdout.readline())
    if not found:
        raise RuntimeError("the dashboard printed no address")
    for _ in range(240):
        if process.poll() is not None:
            raise RuntimeError(f"the dashboard ended with code {process.returncode}")
        try:
            urlopen(found[0], timeout=5).close()
        except HTTPError:  # it answers; only a browser keeps the cookie
            return found[0]
        except (URLError, OSError):
            time.sleep(0.25)
    raise TimeoutError(found[0])


@dataclass
class Watched:
    """A browser tab, its (refused) requests to other machines and its console errors."""

    page: Any
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def wait_for_charts(self, count: int, seconds: float = 30) -> None:
        """Waits until so many charts are drawn."""
        self.page.wait_for_function(DRAWN, arg=count, timeout=seconds * 1000)

    def guard(self, route: Any) -> None:
        """Lets requests to this machine through, records and refuses the others."""
        if route.request.url.startswith(_LOCAL):
            route.continue_()
        else:
            self.foreign.append(route.request.url)
            route.abort()

    def listen(self, message: Any) -> None:
        """Keeps console errors."""
        if message.type == "error":
            self.errors.append(message.text)


@contextmanager
def tab(
    width: int = 1280, height: int = 900, scheme: str = "light", is_guarded: bool = True
) -> Iterator[Watched]:
    """Opens a tab of the given size (px) and colour scheme in a new browser.

    The guard refuses other machines and costs milliseconds per request: benchmarks leave it out.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        page = browser.new_page(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        watched = Watched(page)
        if is_guarded:
            page.route("**/*", watched.guard)
        page.on("console", watched.listen)
        page.on("pageerror", lambda error: watched.errors.append(str(error)))
        yield watched
        browser.close()
