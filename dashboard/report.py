"""`python -m dashboard.report [--output FILE]`: marts -> one HTML file with all it needs inside.

Templates, script and sentences are the page's. The file also opens on a machine without a network.
Run: make report
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import sys
from pathlib import Path

from markupsafe import Markup

from dashboard.page import assets, page_sections
from database.database_error import DatabaseError
from database.home import consent_home


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
    try:
        problem = page_sections.start(marts).problem
        if problem:
            print(problem, file=sys.stderr)
            return 1
        script = assets.script().replace("</script", "<\\/script")
        made = page_sections.document(
            marts,
            is_report=True,
            policy=_policy(script),
            style=Markup(assets.style()),
            script=Markup(script),
        )
    except DatabaseError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        marts.close()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(made, encoding="utf-8")
    return 0


def _policy(script: str) -> str:
    """The content security policy: this script runs, and no other."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline';"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )


if __name__ == "__main__":
    sys.exit(main())
