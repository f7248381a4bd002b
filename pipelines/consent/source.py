"""The dlt source: `companies_csv` -> companies, `events_csv` and `events_parquet` -> events.

Rows that cannot be loaded go to `events_quarantine`, with the reason. Run it with
`python pipelines/consent_pipeline.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import dlt
import pyarrow as pa
from dlt.common.schema.typing import TSchemaContract
from dlt.sources import DltResource

from pipelines.consent.batches import Rows
from pipelines.consent.checking.rows import Checked, RowChecker
from pipelines.consent.discovery.source_file import Delivery
from pipelines.consent.errors import FileRefusedError
from pipelines.consent.loading.destination import NEWEST_WINS
from pipelines.consent.loading.package_files import Parts
from pipelines.consent.names import (
    COMPANIES,
    EVENTS,
    FIELDS,
    KEYS,
    QUARANTINE,
    SCHEMA_NAME,
    SOURCE_ROW,
)
from pipelines.consent.read_ahead import ahead
from pipelines.consent.reading.csv import read_csv
from pipelines.consent.reading.integrity import inspected
from pipelines.consent.reading.parquet import read_parquet
from pipelines.consent.schema import arrow_schema, dlt_columns

# Columns that a delivery adds are taken in, as text; a type never changes. Files are cast to the
# declared types before dlt sees them, so that a freeze on data types cannot lose a row silently.
CONTRACT: TSchemaContract = {"tables": "evolve", "columns": "evolve", "data_type": "freeze"}


@dlt.source(name=SCHEMA_NAME, section=SCHEMA_NAME, schema_contract=CONTRACT)
def consent_source(deliveries: list[Delivery], scratch: Path) -> Iterable[DltResource]:
    """The resources of a delivery; each reads the files of its table and format.

    Args:
        deliveries: the files to read. What was read and refused is counted on them.
        scratch: a folder for the rows on their way into the load package.
    """
    return (
        _resource("companies_csv", COMPANIES, "csv", deliveries, scratch),
        _resource("events_csv", EVENTS, "csv", deliveries, scratch),
        _resource("events_parquet", EVENTS, "parquet", deliveries, scratch),
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
    """The quarantine's table, there also when it is empty; its rows come from the others."""
    yield arrow_schema(QUARANTINE).empty_table()


def _resource(
    name: str, table: str, format_: str, deliveries: list[Delivery], scratch: Path
) -> DltResource:
    """A resource that merges into `table` by its key, the newest version winning.

    Both events resources get the same hints: with hints on one only, the default of the other
    (append) would win for the table that they share.
    """
    mine = [d for d in deliveries if d.file.table == table and d.file.format == format_]
    # Without a part the table would not be made, and whoever queries it would find nothing.
    needed = bool(mine) or (format_ == "csv" and all(d.file.table != table for d in deliveries))
    resource = dlt.resource(
        _read_all(table, mine, scratch, needed=needed),
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
    table: str, deliveries: list[Delivery], scratch: Path, *, needed: bool
) -> Iterator[Any]:
    parts = Parts(scratch)
    for delivery in deliveries:
        try:
            with inspected(delivery):
                yield from _read(delivery, parts)
            delivery.check_unchanged()
        except FileRefusedError as error:
            delivery.refuse(error)
    if needed and not parts.begun:
        yield from parts.write(arrow_schema(table).empty_table())
    yield from parts.close()


def _read(delivery: Delivery, parts: Parts) -> Iterator[Any]:
    """Parts of valid rows, and tables of quarantined ones marked for their own table."""
    for checked in ahead(_checked(delivery)):
        if checked.valid.num_rows:
            yield from parts.write(checked.valid)
        if checked.rejected:
            delivery.reject((row[SOURCE_ROW], row["reason"]) for row in checked.rejected)
            yield _quarantined(checked.rejected)


def _checked(delivery: Delivery) -> Iterator[Checked]:
    """The rows of a file, piece by piece; read in one thread and checked in another."""
    file = delivery.file
    checker = RowChecker(file.table, file.path, delivery.first_mtime_ns)
    read = read_csv if file.format == "csv" else read_parquet
    for piece in ahead(read(file.absolute, FIELDS[file.table])):
        if isinstance(piece, Rows):
            delivery.rows_read += piece.batch.num_rows
            yield checker.check(piece)
        else:
            delivery.rows_read += len(piece)
            yield Checked(pa.table({}), [checker.malformed(row) for row in piece])


def _quarantined(rows: list[dict[str, object]]) -> Any:
    table = pa.Table.from_pylist(rows, schema=arrow_schema(QUARANTINE))
    return dlt.mark.with_table_name(table, QUARANTINE)
