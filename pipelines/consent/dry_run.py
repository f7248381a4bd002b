"""`--check`: reads a delivery as a load would, and writes nothing. No database is asked.

So it cannot tell what follows from rows that were loaded before: whether a row is new, whether a
company had its EVENT_ID before, whether a person was erased.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pipelines.consent.bookkeeping.outcome import Outcome
from pipelines.consent.bookkeeping.plan import Plan
from pipelines.consent.discovery.file_kind import recognise
from pipelines.consent.discovery.input_folder import FoundFile
from pipelines.consent.discovery.source_file import SourceFile
from pipelines.consent.discovery.store import Store, files_of
from pipelines.consent.errors import FileRefusedError
from pipelines.consent.first_companies import FirstCompanies
from pipelines.consent.names import EVENTS
from pipelines.consent.persons.row_rules import RowRules
from pipelines.consent.schema import arrow_schema, identifier
from pipelines.consent.source import read_file
from pipelines.consent.terminal.progress import Progress


def dry_run(
    place: Path | Store, dataset: str, keep_from: datetime | None, progress: Progress
) -> Outcome:
    """What a load of the delivery into an empty database would say of it.

    Raises:
        LoadError: there is no such folder.
    """
    plan = Plan()
    for found in files_of(place):
        if found.left_out is not None:
            plan.left_out.append(found)
            continue
        progress.inspecting(found)
        file = _recognised(found)
        (plan.to_load if file.refusal is None else plan.refused_now).append(file)
    progress.expect(plan.to_load)
    companies = FirstCompanies()
    with progress.step("checking", plan.to_load):
        for file in plan.to_load:
            _read(file, RowRules(keep_from=keep_from), companies)
        companies.reject_others()
    for file in plan.to_load:
        file.counts = {
            "read": file.rows_read,
            "quarantined": file.rows_quarantined,
            "expired": file.rows_expired,
        }
    readable = [file for file in plan.to_load if file.refusal is None]
    tables = {file.kind.table for file in readable if file.kind}
    added = {column for file in readable for column in _added_columns(file)}
    return Outcome(dataset, plan, sorted(added), has_events=EVENTS in tables, is_check=True)


def _recognised(found: FoundFile) -> SourceFile:
    file = SourceFile(found, None, found.mtime_ns, refusal=found.refusal)
    if file.refusal is None:
        try:
            file.kind = recognise(found)
        except FileRefusedError as error:
            file.refuse(error)
    return file


def _read(file: SourceFile, rules: RowRules, companies: FirstCompanies) -> None:
    for valid, _ in read_file(file, rules):
        if valid is not None and file.kind is not None and file.kind.table == EVENTS:
            companies.add(file, valid)


def _added_columns(file: SourceFile) -> list[str]:
    """Columns that the file adds to the declared ones, with their table."""
    if file.kind is None:
        return []
    table = file.kind.table
    declared = set(arrow_schema(table).names)
    names = {identifier(name) for name in file.kind.names} - declared
    return [f"{table}.{name}" for name in names]
