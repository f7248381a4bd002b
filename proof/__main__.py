"""`python -m proof [--only coverage]`: prints the measured tables of SOLUTION.md, in Markdown.

It works on a server of its own under `.data/proof`, stopped at the end, and takes about two minutes
on two cores.
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
from proof import coverage, time_methods
from proof.simulated_delivery import ProofError

HOME = PROJECT_ROOT / ".data" / "proof"


def coverage_report(folder: Path) -> str:
    """Coverage of all cases: a table, and what the diagnosis said."""
    results = [
        coverage.measure(case, folder / str(number)) for number, case in enumerate(coverage.CASES)
    ]
    return f"{coverage.table(results)}\n\n{coverage.sentences(results)}"


def times_report(folder: Path) -> str:
    """Credibility and errors of the times to consent, with true ids and with shuffled ones."""
    cases = enumerate(time_methods.CASES)
    return time_methods.table(
        result
        for number, case in cases
        for result in time_methods.measure(case, folder / str(number))
    )


SUBJECTS: dict[str, Callable[[Path], str]] = {"coverage": coverage_report, "times": times_report}


def main() -> int:
    """Measure the subjects, print their tables; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m proof", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=SUBJECTS, default=list(SUBJECTS))
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("generator").setLevel(logging.WARNING)
    _choose_server()
    try:
        for subject in options.only:
            with tempfile.TemporaryDirectory(prefix="consent-proof-") as folder:
                print(SUBJECTS[subject](Path(folder)))
    except ProofError as error:
        print(f"A command of the proof failed: {error}", file=sys.stderr)
        return 1
    finally:
        server.stop(HOME)
    return 0


def _choose_server() -> None:
    """Take the proof's own embedded server, whatever the project's database is."""
    os.environ["CONSENT_HOME"] = str(HOME)
    for name in [name for name in os.environ if name.startswith("DESTINATION__")]:
        del os.environ[name]


if __name__ == "__main__":
    sys.exit(main())
