"""Loads a delivery: `input/` -> Postgres dataset `consent_raw`.

    python pipelines/consent_pipeline.py [--input DIR] [--full-refresh]

Runs again and again: files that are loaded are not opened, changed events replace the old ones.
Exit code 0: all is loaded; 1: a file was refused (the others are loaded); 2: the run stopped;
130: ctrl-C.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from rich.console import Console

from pipelines.startup import quick_imports

PROJECT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Runs the load and prints its report; returns the exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    # Imported late: --help answers at once.
    with quick_imports():
        from database.address import check, resolve
        from database.database_error import DatabaseError
        from pipelines.consent.errors import LoadError
        from pipelines.consent.run import run
        from pipelines.consent.terminal.progress import Progress
        from pipelines.consent.terminal.run_report import print_report

    console = Console()
    try:
        address = resolve()
        check(address)
        with Progress(console) as progress:
            outcome = run(
                address, options.input, full_refresh=options.full_refresh, progress=progress
            )
    except (LoadError, DatabaseError) as error:
        print(f"The load stopped: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted; the next load goes on from here.", file=sys.stderr)
        return 130
    print_report(outcome, console)
    return 1 if outcome.refused else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Loads a delivery into consent_raw.")
    parser.add_argument(
        "--input", type=Path, default=PROJECT / "input", help="folder of the delivery (input/)"
    )
    parser.add_argument(
        "--full-refresh", action="store_true", help="drop what was loaded before, then load"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
