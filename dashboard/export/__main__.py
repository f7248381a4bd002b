"""`python -m dashboard.export --format FORMAT --output DIR`: every mart as a file (make export)."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from xlsxwriter.exceptions import XlsxFileError

from dashboard.export import data_dictionary
from dashboard.export.file_formats import WRITERS, write_csv
from dashboard.export.mart_rows import Snapshot
from dashboard.text.nothing_yet import NO_FIGURES
from database.address import resolve
from database.database_error import DatabaseError

DICTIONARY = "data_dictionary"
_FORMATS = "parquet, csv or xlsx"
_EXAMPLE = "make export FORMAT=parquet OUTPUT=exported"


def main(arguments: list[str] | None = None) -> int:
    """Writes the files and says how many; returns the exit code.

    0: all marts are written. 1: none is, or some marts are not built. 2: what to write is unclear.
    """
    parser = argparse.ArgumentParser(prog="python -m dashboard.export", description=__doc__)
    parser.add_argument("--format", default="", help=_FORMATS)
    parser.add_argument("--output", default="", help="folder to write into")
    options = parser.parse_args(arguments)
    wanted = options.format.strip().lower()
    if wanted not in WRITERS:
        got = f", not {options.format!r}" if wanted else ""
        return _stop(f"FORMAT must be {_FORMATS}{got}: {_EXAMPLE}", 2)
    if not options.output.strip():
        return _stop(f"OUTPUT must name the folder to write into: {_EXAMPLE}", 2)
    folder = Path(options.output).expanduser()
    if folder.exists() and not folder.is_dir():
        return _stop(f"OUTPUT must name a folder, and {folder} is not one: {_EXAMPLE}", 2)
    try:
        with Snapshot(resolve()) as snapshot:
            return _export(snapshot, wanted, folder)
    except (OSError, XlsxFileError) as error:
        reason = getattr(error, "strerror", None) or error
        return _stop(f"{folder} cannot be written: {reason}. Nothing in it has changed.", 1)
    except DatabaseError as error:
        return _stop(str(error), 1)


def _export(snapshot: Snapshot, wanted: str, folder: Path) -> int:
    types = snapshot.columns()
    marts = data_dictionary.marts()
    built = [mart for mart in marts if mart.name in types]
    if not built:
        return _stop(NO_FIGURES, 1)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".export-") as name:
        unfinished = Path(name)
        for mart in built:
            rows = snapshot.batches(mart.name, types[mart.name])
            WRITERS[wanted](unfinished / f"{mart.name}.{wanted}", types[mart.name], rows)
        lines = [list(data_dictionary.lines(built, types))]
        if wanted == "xlsx":
            WRITERS[wanted](unfinished / f"{DICTIONARY}.xlsx", data_dictionary.COLUMNS, lines)
        else:  # for people, also beside Parquet
            write_csv(unfinished / f"{DICTIONARY}.csv", data_dictionary.COLUMNS, lines)
        for file in unfinished.iterdir():
            file.replace(folder / file.name)
    print(f"{len(built)} marts and their data dictionary are in {folder}.")
    if missing := [mart.name for mart in marts if mart.name not in types]:
        return _stop(f"Not built yet, so not exported: {', '.join(missing)}. Run make run.", 1)
    return 0


def _stop(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
