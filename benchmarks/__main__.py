"""`python -m benchmarks [--rounds N] [--only first_load …] [--readme]`: prints the measured table.

Every figure is a median over rounds of one run, next to the figure it is compared with. All parts
together take about 25 minutes on two cores, mostly to generate 5 million events.
"""

from __future__ import annotations

import argparse
import logging
import re
import sys
from functools import partial

from benchmarks.build import build
from benchmarks.build_growth import build_growth
from benchmarks.dashboard_views import page
from benchmarks.load import cast, compressed, first_load, growth, memory
from benchmarks.measure import BenchmarkError, Row, table
from benchmarks.workshop import Workshop
from database.home import PROJECT_ROOT

PARTS = {
    "first_load": first_load,
    "compressed": compressed,
    "memory": memory,
    "cast": cast,
    "growth": growth,
    "build": build,
    "build_growth": build_growth,
    "page": page,
}
README = PROJECT_ROOT / "README.md"
_BLOCK = re.compile(r"(<!-- bench -->\n)(.*?)(<!-- /bench -->)", re.DOTALL)


def main() -> int:
    """Run the parts, print their table, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each case (3)")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument(
        "--scale", type=float, default=1, help="of the tables in build_growth (1: 0.1 M and 5 M)"
    )
    parser.add_argument("--readme", action="store_true", help="put the rows into README.md")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        rows = _measure(Workshop.open(options.scale), options.only, options.rounds)
    except BenchmarkError as error:
        print(f"A command under measurement failed: {error}", file=sys.stderr)
        return 1
    text = table(rows)
    print(text)
    if options.readme:
        README.write_text(_BLOCK.sub(partial(_merged, text), README.read_text()))
    return 0


def _merged(measured: str, block: re.Match[str]) -> str:
    """The README's table with the measured rows in their places; all others stay as they are."""
    new = {_key(line): line for line in measured.splitlines()}
    kept = [new.pop(_key(line), line) for line in block[2].splitlines()]
    return block[1] + "\n".join([*kept, *new.values(), block[3]])


def _key(line: str) -> tuple[str, str]:
    """What a row of the table measures, and what it is compared with."""
    _, what, _, _, compared, *_ = line.split("|")
    return what, compared


def _measure(workshop: Workshop, parts: list[str], rounds: int) -> list[Row]:
    rows: list[Row] = []
    for name in parts:
        for row in PARTS[name](workshop, rounds):
            logging.info("%s: %.2f s", row.what, row.seconds)
            rows.append(row)
    return rows


if __name__ == "__main__":
    sys.exit(main())
