"""Command line of the generator: `python -m generator --help`."""

from __future__ import annotations

import argparse
import dataclasses
import logging
import sys
from pathlib import Path

from .settings import COUNTS, FORMATS, PAYLOADS, SAMPLINGS, Settings
from .simulation import generate


def parser() -> argparse.ArgumentParser:
    """Return the parser; its results are the fields of `Settings`, output, truth and quiet."""
    made = argparse.ArgumentParser(
        prog="python -m generator",
        description="Write a seeded delivery of consent events. Same options, same bytes.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    switch = argparse.BooleanOptionalAction
    usual = Settings()
    made.add_argument("--output", type=Path, default=Path("input"), help="folder to write into")
    made.add_argument("--truth", type=Path, help="also write the truth before sampling, as JSON")
    made.add_argument("--seed", type=int, default=usual.seed)
    made.add_argument(
        "--companies", type=int, default=usual.companies, help="companies with events"
    )
    made.add_argument("--companies-per-file", type=int, default=usual.companies_per_file)
    made.add_argument(
        "--events-per-company", type=int, help="approximate number of rows after sampling"
    )
    made.add_argument("--exact", action="store_true", help="exactly that number of rows")
    made.add_argument("--format", dest="formats", choices=FORMATS, default=usual.formats)
    made.add_argument("--payload", choices=PAYLOADS, default=usual.payload)
    made.add_argument(
        "--count", choices=COUNTS, default=usual.count, help="COUNT: round(1/RATE), or 1"
    )
    made.add_argument("--sampling", choices=SAMPLINGS, default=usual.sampling)
    made.add_argument(
        "--user-id", action=switch, default=None, help="in all files or in none; default: in most"
    )
    made.add_argument(
        "--drop", type=float, default=usual.drop, help="fall of every fifth company's consent rate"
    )
    made.add_argument(
        "--tcf-gap", type=float, default=usual.tcf_gap, help="share that refuses where TCF applies"
    )
    made.add_argument("--shuffle-users", action="store_true", help="assign USER_IDs at random")
    made.add_argument(
        "--recycle-payloads", action="store_true", help="the same tokens in all companies"
    )
    made.add_argument(
        "--partial-on-web", action="store_true", help="opted-in web page views never say full"
    )
    made.add_argument("--experiment", action="store_true", help="fill EXPERIMENT")
    made.add_argument("--experiment-effect", type=float, default=usual.experiment_effect)
    made.add_argument(
        "--duplicates", action="store_true", help="repeat rows within and across files"
    )
    made.add_argument("--null-rates", action=switch, default=True, help="leave some RATEs empty")
    made.add_argument("--days", type=float, help="length of deliveries that are not capped")
    made.add_argument("--start", default=usual.start, help="first day (UTC)")
    made.add_argument(
        "--chunk-rows", type=int, default=usual.chunk_rows, help="rows in memory at a time"
    )
    made.add_argument("--quiet", action="store_true", help="print errors only")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Generate as asked; return the exit code."""
    options = vars(parser().parse_args(arguments))
    logging.basicConfig(
        level=logging.WARNING if options["quiet"] else logging.INFO, format="%(message)s"
    )
    try:
        fields = {field.name for field in dataclasses.fields(Settings)}
        settings = Settings(**{name: value for name, value in options.items() if name in fields})
        truth = generate(settings, options["output"])
        if options["truth"]:
            truth.write(options["truth"])
    except (OSError, ValueError) as problem:
        logging.getLogger(__name__).error("generator: %s", problem)
        return 1
    rows = sum(company.row_count for company in truth.companies)
    logging.getLogger(__name__).info("%s events of %s companies", f"{rows:,}", len(truth.companies))
    return 0


if __name__ == "__main__":
    sys.exit(main())
