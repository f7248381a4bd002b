"""`python -m dashboard.tools.screenshots [--folder DIR]`: the README's figures (make screenshots).

The interactive page and the report, in light mode, as Chromium draws them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from dashboard import report
from dashboard.tools import browser
from database.home import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "docs"
CHARTS = 13
"""Number of charts on the page, and in the report, where all marts have rows."""


def main() -> int:
    """Makes the screenshots; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m dashboard.tools.screenshots", description=__doc__
    )
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to write them (docs/)")
    options = parser.parse_args()
    if browser.chromium() is None:
        print("No Chromium here; on Debian: apt-get install chromium", file=sys.stderr)
        return 1
    options.folder.mkdir(parents=True, exist_ok=True)
    # The report first: where there is nothing to show, it says why.
    if code := of_report(options.folder / "report.png"):
        return code
    dashboard(options.folder / "dashboard.png")
    return 0


def dashboard(target: Path) -> None:
    """The first screens of the interactive page."""
    with browser.served() as address, browser.tab(1280, 1310) as tab:
        tab.page.goto(address)
        tab.page.wait_for_selector("body[data-drawn]", timeout=60_000)
        tab.page.screenshot(path=target)
    print(target)


def of_report(target: Path) -> int:
    """The top of the report."""
    with tempfile.TemporaryDirectory() as folder, browser.tab(1280, 1310) as tab:
        file = Path(folder) / "report.html"
        if code := report.write(file):
            return code
        tab.page.goto(file.as_uri())
        tab.page.wait_for_selector("body[data-drawn]", timeout=60_000)
        tab.page.screenshot(path=target)
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
