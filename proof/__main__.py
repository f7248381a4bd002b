"""`python -m proof [--only coverage]`: prints the measured tables of SOLUTION.md, in Markdown.

It uses a separate server under `.data/proof`, stopped at the end. It takes about two minutes on two
cores.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from database.embedded import server
from database.home import PROJECT_ROOT
from proof import change_alerts, coverage, region_scopes, row_shares, time_methods
from sandbox.warehouse import SandboxError

HOME = PROJECT_ROOT / ".data" / "proof"


def coverage_report(folder: Path) -> str:
    """Return the coverage of all cases as a table, and what the diagnosis said."""
    results = [
        coverage.measure(case, folder / str(number)) for number, case in enumerate(coverage.CASES)
    ]
    return f"{coverage.table(results)}\n\n{coverage.sentences(results)}"


def times_report(folder: Path) -> str:
    """Return credibility and errors of the times to consent, with true and with shuffled ids."""
    cases = enumerate(time_methods.CASES)
    return time_methods.table(
        result
        for number, case in cases
        for result in time_methods.measure(case, folder / str(number))
    )


def alerts_report(folder: Path) -> str:
    """Return false alarms of steady companies, and how many drops are found."""
    cases = enumerate(change_alerts.CASES)
    return change_alerts.table(
        change_alerts.measure(case, folder / str(number)) for number, case in cases
    )


def shares_report(folder: Path) -> str:
    """Return the coverage of refusals, of interest that stays on, and of opted-in page views."""
    return row_shares.table(row_shares.measure(folder))


def scopes_report(folder: Path) -> str:
    """Return the coverage of odds ratios and standardised rates, and needless warnings."""
    return region_scopes.table(region_scopes.measure(folder))


SUBJECTS: dict[str, Callable[[Path], str]] = {
    "coverage": coverage_report,
    "times": times_report,
    "alerts": alerts_report,
    "shares": shares_report,
    "scopes": scopes_report,
}


def main() -> int:
    """Measure the subjects, print their tables, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m proof", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=SUBJECTS, default=list(SUBJECTS))
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("generator").setLevel(logging.WARNING)
    os.environ["CONSENT_HOME"] = str(HOME)  # whatever database is configured for the project
    for name in [name for name in os.environ if name.startswith("DESTINATION__")]:
        del os.environ[name]
    try:
        for subject in options.only:
            with tempfile.TemporaryDirectory(prefix="consent-proof-") as folder:
                print(SUBJECTS[subject](Path(folder)))
    except SandboxError as error:
        print(f"A command of the proof failed: {error}", file=sys.stderr)
        return 1
    finally:
        server.stop(HOME)
    return 0


if __name__ == "__main__":
    sys.exit(main())
