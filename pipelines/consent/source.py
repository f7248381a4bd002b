"""The dlt source: `companies_csv` and `companies_parquet` -> companies, events likewise.

A file is read in one thread, checked in a second, and written to a file of the load package by
dlt's. Rows that cannot be loaded go to `events_quarantine`, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import dlt
import pyarrow as pa
from dlt.common.schema.typing import TSchemaContract
from dlt.sources import DltResource

from pipelines.consent.batches import MalformedRow, Rows
from pipelines.consent.checking.countries import CountryTexts
from pipelines.consent.checking.rows import RowChecker
from pipelines.consent.discovery.file_kind import FileKind
from pipelines.consent.discovery.input_folder import FoundFile
from pipelines.consent.discovery.source_file import SourceFile
from pipelines.consent.errors import FileRefusedError
from pipelines.consent.loading.destination import NEWEST_WINS
from pipelines.consent.loading.package_files import PackageFiles
from pipelines.consent.names import (
    COMPANIES,
    EVENTS,
    KEYS,
    QUARANTINE,
    SCHEMA_NAME,
    SOURCE_ROW,
)
from pipelines.consent.persons.row_rules import RowRules
from pipelines.consent.read_ahead import ahead
from pipelines.consent.reading.csv import read_csv
from pipelines.consent.reading.integrity import inspected
from pipelines.consent.reading.parquet import read_parquet
from pipelines.consent.schema import (
    arrow_schema,
    check_columns,
    dlt_columns,
    in_database_order,
)

# The readers of a format, by its name in `FileKind`.
READERS = {
    "csv": read_csv,
    "parquet": read_parquet,
}

# Columns that a delivery adds are taken in, as text; a type never changes. Files are cast to the
# declared types before dlt sees them, so that a freeze on data types cannot lose a row silently.
CONTRACT: TSchemaContract = {"tables": "evolve", "columns": "evolve", "data_type": "freeze"}


# The section is where dlt looks for configuration; without it, it would be this module's name.
@dlt.source(name=SCHEMA_NAME, section=SCHEMA_NAME, schema_contract=CONTRACT)
def consent_source(
    files: list[SourceFile], scratch: Path, rules: RowRules
) -> Iterable[DltResource]:
    """The resources of a delivery; each reads the files of its table and format.

    Args:
        files: the files to read. What was read and refused is counted on them.
        scratch: a folder for the rows on their way into the load package.
        rules: which events are left out.
    """
    return (
        *(
            _resource(f"{table}_{format_}", table, format_, files, scratch, of_table)
            for table, of_table in ((COMPANIES, RowRules()), (EVENTS, rules))
            for format_ in READERS
        ),
        quarantine(),
    )


@dlt.resource(
    name=QUARANTINE,
    section=SCHEMA_NAME,
    write_disposition="append",
    columns=dlt_columns(QUARANTINE),
    schema_contract=CONTRACT,
    file_format="parquet",
)
def quarantine() -> Iterator[pa.Table]:
    """The quarantine's table, which exists even if it is empty; other resources bring its rows."""
    yield arrow_schema(QUARANTINE).empty_table()


def _resource(
    name: str,
    table: str,
    format_: str,
    files: list[SourceFile],
    scratch: Path,
    rules: RowRules,
) -> DltResource:
    """A resource that merges into `table` by its key, the newest version winning.

    Both resources of a table get the same hints: with hints on one only, the default of the other
    (append) would win for the table that they share.
    """
    kinds = [(file, file.kind) for file in files if file.kind is not None]
    mine = [file for file, kind in kinds if (kind.table, kind.format) == (table, format_)]
    # Without a file in the package, the table would not be created.
    needed = bool(mine) or (format_ == "csv" and all(kind.table != table for _, kind in kinds))
    resource = dlt.resource(
        _read_all(table, mine, scratch, rules, needed=needed),
        name=name,
        section=SCHEMA_NAME,
        table_name=table,
        write_disposition={"disposition": "merge", "strategy": "upsert"},
        primary_key=KEYS[table],
        columns=dlt_columns(table),
        schema_contract=CONTRACT,
        file_format="parquet",
        parallelized=True,
    )
    # Rejected rows go to their own table. Its hints start from the resource's, so those go first.
    variant: dict[str, Any] = {"table_name": QUARANTINE, "create_table_variant": True}
    resource.apply_hints(columns={}, primary_key="", write_disposition="append", **variant)
    resource.apply_hints(columns=dlt_columns(QUARANTINE), **variant)
    return resource.apply_hints(additional_table_hints={NEWEST_WINS: True})


def _read_all(
    table: str, files: list[SourceFile], scratch: Path, rules: RowRules, *, needed: bool
) -> Iterator[Any]:
    """Files of valid rows, and tables of quarantined ones marked for their own table."""
    package_files = PackageFiles(scratch)
    for file in files:
        for valid, rejected in read_file(file, rules):
            if valid is not None and valid.num_rows:
                yield from package_files.write(valid)
            if rejected:
                rows = pa.Table.from_pylist(rejected, schema=arrow_schema(QUARANTINE))
                yield dlt.mark.with_table_name(rows, QUARANTINE)
    if needed and not package_files.begun:
        yield from package_files.write(arrow_schema(table).empty_table())
    yield from package_files.close()


def read_file(
    file: SourceFile, rules: RowRules
) -> Iterator[tuple[pa.Table | None, list[dict[str, Any]]]]:
    """The valid and the rejected rows of a file, batch by batch; counts them on the file.

    A file that turns out to be refused has given some of its rows already: the merge leaves out
    files with a refusal.
    """
    try:
        with inspected(file):
            for valid, rejected in ahead(_checked(file, rules)):
                file.reject((row[SOURCE_ROW], row["reason"]) for row in rejected)
                yield valid, rejected
        file.check_unchanged()
    except FileRefusedError as error:
        file.refuse(error)


def _checked(
    file: SourceFile, rules: RowRules
) -> Iterator[tuple[pa.Table | None, list[dict[str, Any]]]]:
    """The valid and the rejected rows of a file, batch by batch."""
    assert file.kind is not None
    table = file.kind.table
    checker = RowChecker(table, file.path, file.first_mtime_ns, rules.keep_from)
    countries = CountryTexts()
    for piece in ahead(pieces(file.found, file.kind)):
        if isinstance(piece, Rows):
            rows = rules.without_erased(piece)
            file.rows_read += piece.batch.num_rows
            file.rows_erased += piece.batch.num_rows - rows.batch.num_rows
            checked = checker.check(rows)
            file.rows_expired += checked.expired
            file.rows_decoded += checked.decoded
            if table == EVENTS:
                countries.add(checked.valid.column("COUNTRY"))
            yield in_database_order(table, checked.valid), checked.rejected
        else:
            records = rules.malformed_without_erased(piece)
            file.rows_read += len(piece)
            file.rows_erased += len(piece) - len(records)
            if checker.is_file_expired:
                file.rows_expired += len(records)
            else:
                yield None, [checker.malformed(row) for row in records]
    file.notes = countries.assumptions


def pieces(found: FoundFile, kind: FileKind) -> Iterator[Rows | list[MalformedRow]]:
    """The rows of a file as they are delivered, batch by batch, and its malformed records.

    Raises:
        FileRefusedError: the file cannot be read as a whole.
    """
    check_columns(kind.names)
    return READERS[kind.format](found, kind)
