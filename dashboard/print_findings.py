"""Every candidate for the report's findings in the terminal, strongest first: `make findings`."""

from __future__ import annotations

import sys

from rich.console import Console

from dashboard import findings
from dashboard.panels.selection import Selection
from dashboard.queries.marts import Marts, NotBuiltError
from dashboard.text.nothing_yet import NO_EVENTS, NO_FIGURES
from database.address import resolve
from database.database_error import DatabaseError


def main() -> int:
    """Prints the candidates and what to know about the data; returns the exit code."""
    marts = Marts(resolve)
    try:
        _print(Selection(marts), Console(highlight=False, soft_wrap=True, markup=False))
    except NotBuiltError:
        print(NO_FIGURES, file=sys.stderr)
        return 1
    except DatabaseError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        marts.close()
    return 0


def _print(selection: Selection, console: Console) -> None:
    if selection.totals.empty:
        console.print(NO_EVENTS)
        return
    for finding in findings.candidates(selection):
        console.print(f"{_printable(finding.title)} [{finding.evidence:.1f} standard errors]")
        _print_sentences(finding, console)
    for caveat in findings.caveats(selection):
        console.print(f"Before you use the figures: {_printable(caveat.title)}")
        _print_sentences(caveat, console)


def _print_sentences(finding: findings.Finding, console: Console) -> None:
    for text in (finding.what, finding.how_sure, finding.not_to_conclude):
        console.print(f"  {_printable(text)}")
    console.print()


def _printable(text: str) -> str:
    """A text with names from a delivery, without control characters for the terminal."""
    kept = text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{WORD JOINER}", "")
    return "".join(letter if letter.isprintable() else "?" for letter in kept)


if __name__ == "__main__":
    sys.exit(main())
