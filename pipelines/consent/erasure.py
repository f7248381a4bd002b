"""An erasure from start to end: locks, input files, database, register, dead rows."""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from database import datasets
from database.address import Address, connect, without_timeouts
from database.home import PROJECT_ROOT
from database.session_lock import KEEPALIVE
from pipelines.consent import change_log
from pipelines.consent.batches import Rows
from pipelines.consent.bookkeeping.ledger import Ledger
from pipelines.consent.bookkeeping.lock import run_lock
from pipelines.consent.bookkeeping.raw_layout import bring_up, refuse_newer
from pipelines.consent.bookkeeping.recovery import discard_packages
from pipelines.consent.checking.rows import RowChecker
from pipelines.consent.discovery.input_folder import find
from pipelines.consent.errors import FileRefusedError, LoadError
from pipelines.consent.loading.package_files import scratch_folder
from pipelines.consent.local_data import private_files, remove_loaded_packages, remove_trace
from pipelines.consent.names import EVENTS
from pipelines.consent.packages import explained
from pipelines.consent.persons import register
from pipelines.consent.persons.builds import builds_excluded
from pipelines.consent.persons.identity import (
    TOKEN,
    USER,
    Person,
    company_key,
    is_uuid,
    token_key,
)
from pipelines.consent.persons.removal import Others, Removal
from pipelines.consent.persons.row_filter import USER_COLUMN, RowFilter
from pipelines.consent.run import open_pipeline
from pipelines.consent.source import pieces

logger = logging.getLogger(__name__)

BLANKS = "".join(character for character in map(chr, range(0x3001)) if character.isspace())

_PERSON = "create temporary table person (key text not null, company text) on commit drop"
_TOKENS = "create temporary table token_texts (created text not null) on commit drop"
_TOKEN_TEXTS = """
select distinct parameters::jsonb ->> 'created' from {events} where parameters like '%created%'
"""

# What `user_key` and `company_key` do.
_USER_KEY = "btrim(replace({column}, '\"', ''), {blanks})"
_COMPANY_KEY = "btrim({column}, {blanks})"
_OF_COMPANY = "(person.company is null or {key} = person.company)"
_IS_USER = "exists (select from person where {key} = person.key and {of_company})"
_HAS_TOKEN = """
parameters like '%created%'
and parameters::jsonb ->> 'created' in (select created from token_texts)
and exists (select from person where {of_company})
"""
_MODEL_HAS_TOKEN = """
exists (
    select from person
    where date_trunc('milliseconds', copy.token_created_at) = person.key::timestamptz
        and {of_company}
)
"""
_STAGED = """
select schemaname, tablename from pg_tables
where schemaname = {staging} and left(tablename, 4) <> '_dlt'
"""


@dataclass
class Holder:
    """An input file that still holds the person: in how many rows, None if it cannot be read.

    `event_ids` counts the rows of each event that could be loaded.
    """

    path: str
    rows: int | None = None
    event_ids: Counter[str] = field(default_factory=Counter)


@dataclass
class Erasure:
    """What an erasure removed, and what is left to the user.

    `companies` counts events, `unseen` says why no input file was looked at, and `logs` are dbt's
    files that hold the id.
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


def erase(address: Address, person: Person, input_dir: Path) -> Erasure:
    """Removes a person from the database for good.

    Args:
        input_dir: the delivery, which is only read: which of its files still hold the person?

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
        erased = register.ensure(connection)
        erased.add_person(person)
        before = register.read(connection)
        done = Erasure(was_known=before is not None and before.covers(person))
        rows = RowFilter(erased)
        try:
            done.holders = list(_holders(input_dir, rows, person))
        except LoadError as error:
            done.unseen = str(error)
        done.logs = [path for path in _written_by_dbt() if _mentions(path, person)]
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


def _holders(input_dir: Path, rows: RowFilter, person: Person) -> Iterator[Holder]:
    """The event files that hold the person."""
    for found in find(input_dir):
        if found.table != EVENTS:
            continue
        holder, count = Holder(found.path), 0
        try:
            if found.refusal:
                raise FileRefusedError(found.refusal)
            checker = RowChecker(EVENTS, found.path, 0)
            for piece in pieces(found):
                if isinstance(piece, Rows):
                    own = rows.only_erased(piece)
                    count += own.batch.num_rows
                    if own.batch.num_rows:
                        valid = checker.check(own).valid
                        holder.event_ids.update(valid.column("EVENT_ID").to_pylist())
                else:
                    count += sum(map(rows.is_malformed, piece))
            holder.rows = count
        except FileRefusedError:
            holder.rows = None if _mentions(found.absolute, person) else 0
        if holder.rows != 0 or person.key.lower() in found.path.lower():
            yield holder


def _written_by_dbt() -> list[Path]:
    """What dbt writes on this machine: its log holds what `dbt show` has shown, for example."""
    project = PROJECT_ROOT / "dbt_project"
    named = {"logs": "DBT_LOG_PATH", "target": "DBT_TARGET_PATH"}
    folders = [project / os.environ.get(variable, name) for name, variable in named.items()]
    return [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]


def _mentions(path: Path, person: Person) -> bool:
    """Whether the bytes of a file hold the user id."""
    pattern = re.compile(re.escape(person.key.encode()), re.IGNORECASE)
    try:
        with path.open("rb") as stream:
            data = mmap(stream.fileno(), 0, access=ACCESS_READ)
            return person.kind == USER and pattern.search(data) is not None
    except (OSError, ValueError):  # ValueError: the file is empty
        return False


def _remove(removal: Removal, person: Person, rows: RowFilter, done: Erasure) -> None:
    cursor = removal.cursor
    # By COPY: a statement with the id in it could end up in the server's log.
    cursor.execute(_PERSON)
    company = "" if person.company is None else _quoted(person.company)
    cursor.copy_expert(
        "copy person from stdin with (format csv)", StringIO(f"{_quoted(person.key)},{company}\n")
    )
    condition, in_facts = _conditions(removal, person)
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
    _erase_from_reasons(removal, person)


def _conditions(
    removal: Removal, person: Person
) -> tuple[sql.Composable, dict[str, sql.Composable]]:
    """Which raw events are the person's, and which rows of fct_events, by the column that tells."""
    blanks = sql.Literal(BLANKS)

    def key(statement: str, column: str, wanted: str | None) -> sql.Composable:
        bare = sql.SQL(statement).format(column=sql.SQL(column), blanks=blanks)
        return sql.SQL("lower({})").format(bare) if wanted and is_uuid(wanted) else bare

    def of_company(column: str) -> sql.Composable:
        return sql.SQL(_OF_COMPANY).format(key=key(_COMPANY_KEY, column, person.company))

    def is_user(column: str, company: str) -> sql.Composable:
        user = key(_USER_KEY, column, person.key)
        return sql.SQL(_IS_USER).format(key=user, of_company=of_company(company))

    if person.kind == USER:
        columns = "select attname from pg_attribute where attrelid = {raw}::regclass"
        has_users = (USER_COLUMN,) in removal.execute(
            columns, raw=sql.Literal(f'"{removal.dataset}"."{EVENTS}"')
        )
        return (
            is_user("events.user_id", "events.apikey") if has_users else sql.SQL("false"),
            {"user_id": is_user("copy.user_id", "copy.company_id")},
        )
    texts = [text for (text,) in removal.execute(_TOKEN_TEXTS) if text]
    own = "".join(f"{_quoted(text)}\n" for text in texts if token_key(text) == person.key)
    removal.cursor.execute(_TOKENS)
    removal.cursor.copy_expert("copy token_texts from stdin with (format csv)", StringIO(own))
    return (
        sql.SQL(_HAS_TOKEN).format(of_company=of_company("events.apikey")),
        {
            "token_created_at": sql.SQL(_MODEL_HAS_TOKEN).format(
                of_company=of_company("copy.company_id")
            )
        },
    )


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


def _erase_from_reasons(removal: Removal, person: Person) -> None:
    """Takes the user id out of the sentences of the ledger, which may quote a header."""
    if person.kind != USER:
        return
    whole = re.compile(rf"(?<![\w-]){re.escape(person.key)}(?![\w-])", re.IGNORECASE)
    reasons = "select ctid::text, reason from {ledger} where reason <> ''"
    for place, reason in removal.execute(reasons):
        if (told := whole.sub("(erased)", reason)) != reason:
            removal.execute(
                "update {ledger} set reason = {told} where ctid = {place}::tid",
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


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
