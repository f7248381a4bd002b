"""An erasure from start to end: locks, input files, database, register, dead rows."""

from __future__ import annotations

import logging
import re
import shutil
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from database import datasets
from database.address import Address, connect, without_timeouts
from database.session_lock import KEEPALIVE
from pipelines.consent import change_log
from pipelines.consent.bookkeeping.ledger import Ledger
from pipelines.consent.bookkeeping.lock import run_lock
from pipelines.consent.bookkeeping.raw_layout import (
    bring_up,
    is_current,
    note_layout,
    refuse_newer,
)
from pipelines.consent.bookkeeping.recovery import discard_packages
from pipelines.consent.checking.keys import company_key
from pipelines.consent.errors import LoadError
from pipelines.consent.holders import Holder, dbt_logs_with, files_with
from pipelines.consent.input_place import place_of
from pipelines.consent.loading.package_files import scratch_folder
from pipelines.consent.local_data import private_files, remove_loaded_packages, remove_trace
from pipelines.consent.names import EVENTS
from pipelines.consent.packages import explained
from pipelines.consent.persons import register
from pipelines.consent.persons.builds import builds_excluded
from pipelines.consent.persons.conditions import rows_of
from pipelines.consent.persons.identity import TOKEN, USER, Person
from pipelines.consent.persons.removal import Others, Removal
from pipelines.consent.persons.row_filter import RowFilter
from pipelines.consent.run import open_pipeline
from pipelines.consent.spelled_keys import spell_keys

logger = logging.getLogger(__name__)

_STAGED = """
select schemaname, tablename from pg_tables
where schemaname = {staging} and left(tablename, 4) <> '_dlt'
"""


@dataclass
class Erasure:
    """What an erasure removed, and what is left to the user.

    `companies` counts events, `unseen` says why not all input files were looked at, and `logs` are
    dbt's files that hold the id.
    """

    companies: Counter[str] = field(default_factory=Counter)
    quarantined: int = 0
    copies: int = 0
    holders: list[Holder] = field(default_factory=list)
    unseen: str | None = None
    logs: list[Path] = field(default_factory=list)
    was_known: bool = False

    @property
    def found_nobody(self) -> bool:
        """Whether neither the database nor a file has a row of the person, and none was erased."""
        rows = self.companies.total() + self.quarantined + self.copies
        return not (rows or self.holders or self.was_known)


def erase(address: Address, person: Person, delivery: str) -> Erasure:
    """Removes a person from the database for good.

    Args:
        delivery: its folder or address. It is only read: which files still hold the person?

    Raises:
        LoadError: it could not be done; nothing is removed.
    """
    names = datasets.configured()
    with (
        explained(),
        private_files(),
        run_lock(address, names.raw),
        closing(without_timeouts(connect(address, **KEEPALIVE))) as connection,
        builds_excluded(address, connection),
    ):
        _remove_packages()
        ledger = Ledger(connection, names.raw)
        raw = f'"{names.raw}"."{EVENTS}"'
        if ledger.execute("select to_regclass(%(raw)s) is null", {"raw": raw})[0][0]:
            raise LoadError(f"nothing is loaded into {address.place}, so nobody can be erased")
        refuse_newer(ledger)
        bring_up(ledger)
        change_log.bring_up(connection, names.raw)
        if not is_current(ledger):
            spell_keys(connection, names.raw)
            note_layout(ledger)
        erased = register.ensure(connection)
        erased.add_person(person)
        before = register.read(connection)
        done = Erasure(was_known=before is not None and before.covers(person))
        rows = RowFilter(erased)
        try:
            for holder in files_with(person, rows, place_of(delivery)):
                done.holders.append(holder)
        except LoadError as error:
            done.unseen = str(error)
        done.logs = dbt_logs_with(person)
        with connection, connection.cursor() as cursor:
            removal = Removal(cursor, names.raw)
            _remove(removal, person, rows, done)
            for schema, table in removal.execute(_STAGED, staging=sql.Literal(names.staging)):
                removal.execute("truncate {staged}", staged=sql.Identifier(schema, table))
            if done.found_nobody:
                connection.rollback()
                return done
            register.note(
                cursor,
                person,
                erased,
                events=done.companies.total(),
                quarantined=done.quarantined,
                copies=done.copies,
            )
        _vacuum(connection, removal.touched)
    return done


def _remove_packages() -> None:
    """Deletes what dlt and a killed run left of rows on this machine."""
    pipeline = open_pipeline()
    remove_loaded_packages(pipeline)
    remove_trace(pipeline)
    if pipeline.has_pending_data:
        discard_packages(pipeline)
    shutil.rmtree(scratch_folder(pipeline), ignore_errors=True)


def _remove(removal: Removal, person: Person, rows: RowFilter, done: Erasure) -> None:
    condition, in_facts = rows_of(person, removal)
    reason = f"erasure {datetime.now(UTC).isoformat()}"
    done.copies = removal.events(condition, reason, in_facts)
    removed = removal.execute("select apikey, event_id, _source_file from removed")
    done.companies = Counter(company_key(row[0]) for row in removed)
    if person.kind == TOKEN and person.company is None and len(done.companies) > 1:
        raise LoadError(
            "a token is known by the moment of its creation, and"
            f" {len(done.companies)} companies have one of this moment:"
            f" {', '.join(sorted(done.companies))}; say which is meant (COMPANY=…)"
        )
    quarantined = removal.quarantined(
        place
        for place, raw_row in removal.execute(
            "select ctid::text, raw_row from {quarantine} where table_name = 'events'"
        )
        if rows.is_rejected(raw_row)
    )
    done.quarantined = quarantined.total()
    removal.count("rows_erased", quarantined, _others(removal, done.holders, removed))
    _erase_from_sentences(removal, person)


def _others(
    removal: Removal, holders: list[Holder], removed: list[tuple[Any, ...]]
) -> dict[str, Others]:
    """Of each file, the person's rows that another row stands for in the database.

    It is the same event again in the file, or in a file that was loaded before or with it
    (duplicate), or in one that was loaded later and took the event over (replaced).
    """
    file_of = {event_id: path for _, event_id, path in removed}
    load_of = dict(removal.execute("select path, load_id from {last_loaded} as files"))
    others: dict[str, Others] = {}
    for holder in holders:
        counts = others.setdefault(holder.path, Others())
        own_load = load_of.get(holder.path) or ""
        for event_id, rows in holder.event_ids.items():
            if (winner := file_of.get(event_id)) is None:
                continue
            counts.duplicate += rows - 1
            if winner != holder.path and (load_of.get(winner) or "") > own_load:
                counts.replaced += 1
            elif winner != holder.path:
                counts.duplicate += 1
    return others


def _erase_from_sentences(removal: Removal, person: Person) -> None:
    """Takes the user id out of the sentences of the ledger, which may quote a header or a value."""
    if person.kind != USER:
        return
    whole = re.compile(rf"(?<![\w-]){re.escape(person.key)}(?![\w-])", re.IGNORECASE)
    for column in map(sql.Identifier, ("reason", "assumptions")):
        sentences = "select ctid::text, {column} from {ledger} where {column} <> ''"
        for place, sentence in removal.execute(sentences, column=column):
            if (told := whole.sub("(erased)", sentence)) != sentence:
                removal.execute(
                    "update {ledger} set {column} = {told} where ctid = {place}::tid",
                    column=column,
                    told=sql.Literal(told),
                    place=sql.Literal(place),
                )


def _vacuum(connection: Any, tables: list[sql.Identifier]) -> None:
    """Clears dead rows away: nobody reads them any more, but they are still there."""
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(sql.SQL("vacuum {}").format(table))
    except psycopg2.Error:
        logger.warning("the rows are erased, but not all dead rows are cleared away: run VACUUM")
