"""`python -m dashboard.report [--output FILE]`: marts -> one HTML file with all it needs inside.

Charts, tiles and sentences are the page's. Vega is bundled into the file, so that it also opens on
a machine without a network. Run: make report
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from html import escape
from pathlib import Path
from string import Template

import vl_convert

from dashboard import findings
from dashboard.charts import theme
from dashboard.page import markup, page_sections
from dashboard.panels import tiles
from dashboard.panels.catalogue import BY_COMPANY, FILTERED
from dashboard.panels.selection import Selection
from database.database_error import DatabaseError
from database.home import consent_home

TEMPLATE = Path(markup.__file__).with_name("report.html")
SCRIPT = Path(markup.__file__).with_name("report.js")


def main() -> int:
    """Writes the file and prints its path; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m dashboard.report", description=__doc__)
    parser.add_argument("--output", type=Path, default=consent_home() / "report.html")
    options = parser.parse_args()
    if code := write(options.output):
        return code
    print(options.output)
    return 0


def write(target: Path) -> int:
    """Writes the report of the configured database.

    Returns the exit code: 1 where there is nothing to report, with the reason on stderr.
    """
    marts = page_sections.open_marts()
    start = page_sections.start(marts)
    if start.problem:
        print(start.problem, file=sys.stderr)
        return 1
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.write_text(page(Selection(marts), start), encoding="utf-8")
    except DatabaseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def page(selection: Selection, start: page_sections.Start) -> str:
    """The whole document."""
    specs: dict[str, theme.Spec] = {}

    def draw(key: str, chart: theme.Spec) -> str:
        specs[key] = chart
        return f'<div class="chart" id="chart-{key}"></div>'

    shown = [make(selection) for make in (*FILTERED, *BY_COMPANY)]
    panels = markup.panels(shown, draw, with_scope=False)  # draw fills `specs`
    articles = [_finding(i, f) for i, f in enumerate(findings.findings(selection), start=1)]
    data = {"specs": specs, "light": theme.config(), "dark": theme.config(dark=True),
            "brighter": theme.BRIGHTER}  # fmt: skip
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        style=markup.STYLE.read_text(encoding="utf-8"),
        header=page_sections.header(start, for_report=True),
        made=f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC",
        tiles=markup.tiles(tiles.tiles(selection)),
        findings="".join(articles),
        panels=panels,
        glossary=markup.glossary(),
        # Without any <: after <!-- a browser would treat a later </script> as text.
        data=json.dumps(data, separators=(",", ":")).replace("<", "\\u003c"),
        script=vl_convert.javascript_bundle(SCRIPT.read_text(encoding="utf-8")).replace(
            "</script", "<\\/script"
        ),
    )


def _finding(number: int, finding: findings.Finding) -> str:
    return (
        f'<article class="finding"><h3><span class="number">{number}</span>'
        f"{escape(finding.title)}</h3><p>{escape(finding.what)}</p>"
        f"<p><b>How sure.</b> {escape(finding.how_sure)}</p>"
        f"<p><b>What not to conclude.</b> {escape(finding.not_to_conclude)}</p>"
        f'<p class="note"><a href="#panel-{finding.panel}">See the chart</a></p></article>'
    )


if __name__ == "__main__":
    sys.exit(main())
