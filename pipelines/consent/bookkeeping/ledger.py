"""The ledger `load_files`: one row for each content of each path that was ever seen.

It decides whether a file is read. So it lives in the database beside the rows, and the merge
writes a file's counts into it in the transaction that merges the file's rows.

Outcomes: `loading` (this run is reading it), `loaded`, `refused` (the whole file, with the
reason), `left out` (by the rule in the reason), `interrupted` (a run ended before it was done; the
file is read again). `vanished` is not an outcome: `vanished_at` is set while a path that was loaded
is missing. `assumptions` is what was assumed about a file to read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg2 import sql
from psycopg2.extras import execute_values

from pipelines.consent.discovery.input_folder import FoundFile, Stamp
from pipelines.consent.discovery.source_file import Rejection, SourceFile
from pipelines.consent.names import (
    COMPANIES,
    COMPANY_LISTS,
    EVENTS,
    GOOD_ROWS,
    LEDGER,
    OTHER_COMPANY,
    QUARANTINE,
)

COUNTED = (
    "read",
    "new",
    "changed",
    "unchanged",
    "duplicate",
    "quarantined",
    "erased",
    "expired",
)
"""What the ledger counts of a file's rows, as `rows_…`: all that were read, and their outcomes."""

_DDL = """
create table if not exists {ledger} (
    path text not null,
    table_name text,
    format text,
    assumptions text,
    size_bytes bigint not null,
    content_hash text,
    mtime_ns bigint not null,
    ctime_ns bigint not null,
    version text,
    mtime timestamp with time zone not null,
    first_mtime_ns bigint not null,
    first_mtime timestamp with time zone not null,
    rows_read bigint,
    rows_new bigint,
    rows_changed bigint,
    rows_unchanged bigint,
    rows_duplicate bigint,
    rows_quarantined bigint,
    rows_erased bigint not null default 0,
    rows_expired bigint not null default 0,
    rows_decoded bigint not null default 0,
    load_id text,
    outcome text not null,
    reason text,
    is_current boolean not null,
    first_seen_at timestamp with time zone not null default now(),
    started_at timestamp with time zone not null default now(),
    finished_at timestamp with time zone,
    vanished_at timestamp with time zone
);
create index if not exists load_files_path_key on {ledger} (path, is_current);
create index if not exists load_files_load_id_key on {ledger} (load_id);
"""


LEFT_OUT = "left out"


@dataclass(frozen=True)
class Known:
    """What the ledger says of a path: its newest row whose load has ended."""

    stamp: Stamp
    content_hash: str | None
    first_mtime_ns: int
    outcome: str
    reason: str | None
    is_rejected_whole: bool

    def is_settled(self, found: FoundFile) -> bool:
        """Whether a file need not be opened: not if nothing but its size is known."""
        says_something = found.is_dated or found.version is not None
        return says_something and self.stamp == found.stamp and self.is_done_with(self.content_hash)

    def is_done_with(self, content_hash: str | None) -> bool:
        """Whether this content was loaded, or was refused for what it is."""
        known = content_hash is not None and self.content_hash == content_hash
        return known and self.outcome in ("loaded", "refused")

    def is_refused_like(self, file: SourceFile) -> bool:
        """Whether the ledger already says exactly this."""
        return (self.outcome, self.reason, self.content_hash) == (
            "refused",
            file.refusal,
            file.content_hash,
        )


class Ledger:
    """The ledger in one database; each method is one transaction."""

    def __init__(self, connection: Any, dataset: str) -> None:
        self.connection = connection
        self.dataset = dataset
        self.names = {
            "ledger": sql.Identifier(dataset, LEDGER),
            "quarantine": sql.Identifier(dataset, QUARANTINE),
            "events": sql.Identifier(dataset, EVENTS),
            "companies": sql.Identifier(dataset, COMPANIES),
            "lists": sql.Identifier(dataset, COMPANY_LISTS),
            "good_rows": sql.SQL(GOOD_ROWS),
            "loads": sql.Identifier(dataset, "_dlt_loads"),
        }

    def execute(
        self, statement: str, parameters: dict[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """Runs a statement over the names of the dataset; returns its rows, if it has any."""
        with self.connection, self.connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(**self.names), parameters)
            return cursor.fetchall() if cursor.description else []

    def ensure(self) -> None:
        """Creates the ledger if it does not exist."""
        self.execute(_DDL)

    def known(self) -> dict[str, Known]:
        """The current row of every path."""
        rows = self.execute(
            "select path, size_bytes, mtime_ns, ctime_ns, version, content_hash, first_mtime_ns,"
            " outcome, reason, coalesce(rows_read > 0 and rows_read = rows_quarantined, false)"
            " from {ledger} where is_current"
        )
        return {r[0]: Known((r[1], r[2], r[3], r[4]), *r[5:]) for r in rows}

    def touch(self, file: FoundFile) -> None:
        """Notes a new stamp of a file whose content is the known one."""
        self.execute(
            "update {ledger} set mtime_ns = %(mtime)s, ctime_ns = %(ctime)s,"
            " version = %(version)s, mtime ="
            " to_timestamp(%(mtime)s / 1e9), vanished_at = null where is_current"
            " and path = %(path)s",
            {
                "mtime": file.mtime_ns,
                "ctime": file.ctime_ns,
                "version": file.version,
                "path": file.path,
            },
        )

    def note_vanished(self, present: set[str]) -> dict[str, str]:
        """Marks paths that are missing; returns all such paths, with their outcome."""
        self.execute(
            "update {ledger} set vanished_at = case when path = any(%(present)s) then null"
            " else coalesce(vanished_at, now()) end where is_current"
            " and (vanished_at is null) <> (path = any(%(present)s))",
            {"present": list(present)},
        )
        rows = self.execute(
            "select path, outcome from {ledger} where is_current and vanished_at is not null"
            ' order by path collate "C"'
        )
        return dict(rows)

    def begin(self, load_id: str, files: list[SourceFile]) -> None:
        """Writes a `loading` row, or a `refused` one, for each file that was read."""
        loading = [file for file in files if file.refusal is None]
        with self.connection, self.connection.cursor() as cursor:
            self._insert(cursor, load_id, loading, "loading")
        self.refuse(load_id, [file for file in files if file.refusal is not None])

    def refuse(self, load_id: str | None, files: list[SourceFile]) -> None:
        """Writes a `refused` row for each file; its rows of earlier contents stay."""
        self._replace(load_id, files, "refused")

    def leave_out(self, files: list[SourceFile]) -> None:
        """Writes a `left out` row for each file."""
        self._replace(None, files, LEFT_OUT)

    def _replace(self, load_id: str | None, files: list[SourceFile], outcome: str) -> None:
        with self.connection, self.connection.cursor() as cursor:
            cursor.execute(
                sql.SQL(
                    "update {ledger} set is_current = false where is_current and path = any(%s)"
                ).format(**self.names),
                ([file.path for file in files],),
            )
            self._insert(cursor, load_id, files, outcome)

    def _insert(
        self, cursor: Any, load_id: str | None, files: list[SourceFile], outcome: str
    ) -> None:
        # A file that is loading becomes the current one of its path when its load has ended.
        done = outcome != "loading"
        rows = [
            {
                "path": file.path,
                "table": file.kind and file.kind.table,
                "format": file.kind and file.kind.format,
                "assumptions": file.assumptions if file.kind else None,
                "size": file.found.size,
                "content_hash": file.content_hash,
                "mtime_ns": file.found.mtime_ns,
                "ctime_ns": file.found.ctime_ns,
                "version": file.found.version,
                "first_mtime_ns": file.first_mtime_ns,
                "rows_read": file.rows_read,
                "rows_quarantined": file.rows_quarantined,
                "rows_erased": file.rows_erased,
                "rows_expired": file.rows_expired,
                "rows_decoded": file.rows_decoded,
                "load_id": load_id,
                "outcome": outcome,
                "reason": file.refusal or file.found.left_out,
                "done": done,
            }
            for file in files
        ]
        statement = sql.SQL(
            "insert into {ledger} (path, table_name, format, assumptions, size_bytes,"
            " content_hash, mtime_ns, ctime_ns, version, mtime, first_mtime_ns, first_mtime,"
            " rows_read, rows_quarantined, rows_erased, rows_expired, rows_decoded, load_id,"
            " outcome, reason, is_current, finished_at) values %s"
        ).format(**self.names)
        template = (
            "(%(path)s, %(table)s, %(format)s, %(assumptions)s, %(size)s, %(content_hash)s,"
            " %(mtime_ns)s, %(ctime_ns)s, %(version)s, to_timestamp(%(mtime_ns)s / 1e9),"
            " %(first_mtime_ns)s,"
            " to_timestamp(%(first_mtime_ns)s / 1e9), %(rows_read)s, %(rows_quarantined)s,"
            " %(rows_erased)s, %(rows_expired)s, %(rows_decoded)s, %(load_id)s, %(outcome)s,"
            " %(reason)s, %(done)s, case when %(done)s then now() end)"
        )
        execute_values(cursor, statement, rows, template)

    def finish(self, load_id: str) -> None:
        """Ends a load whose tables are merged, in one transaction.

        Its files become the current ones of their paths, and what they say of the quarantine
        takes effect: rows of the path's earlier contents leave it, and so do rows whose key has
        been delivered correctly since.
        """
        parameters = {"load_id": load_id}
        with self.connection, self.connection.cursor() as cursor:
            for statement in _FINISH:
                cursor.execute(sql.SQL(statement).format(**self.names), parameters)

    def counts(self, load_id: str) -> dict[str, dict[str, int]]:
        """Per path, the counts of a load."""
        columns = ", ".join(f"rows_{name}" for name in COUNTED)
        rows = self.execute(
            f"select path, {columns} from {{ledger}}"
            " where load_id = %(load_id)s and outcome = 'loaded'",
            {"load_id": load_id},
        )
        return {row[0]: dict(zip(COUNTED, row[1:], strict=True)) for row in rows}

    def foreign(self, load_id: str) -> dict[str, Rejection]:
        """Per path, the events that a load's merge found to belong to another company."""
        statement = (
            "select _source_file, min(_source_row), count(*) from {quarantine}"
            " where reason = %(reason)s and _dlt_load_id = %(load_id)s group by 1"
        )
        rows = self.execute(statement, {"load_id": load_id, "reason": OTHER_COMPANY})
        return {path: Rejection(first_row, count) for path, first_row, count in rows}

    def has_events(self) -> bool:
        """Whether an event file was ever loaded, even one without rows."""
        loaded = "select from {ledger} where table_name = %(table)s and outcome = 'loaded'"
        return bool(self.execute(f"select exists ({loaded})", {"table": EVENTS})[0][0])

    def unreconciled(self) -> list[str]:
        """Paths of loaded files whose rows do not add up: the list must be empty."""
        outcomes = " + ".join(f"rows_{name}" for name in COUNTED[1:])
        rows = self.execute(
            "select distinct path from {ledger} where outcome = 'loaded' and rows_read is distinct"
            f" from {outcomes}"
        )
        return sorted(row[0] for row in rows)


_LOADING = "select path from {ledger} where load_id = %(load_id)s and outcome = 'loading'"

# The statements of `finish`, in order.
_FINISH = (
    "update {ledger} set is_current = false where is_current and path in (" + _LOADING + ")",
    # The new content of a path replaces the rejected rows of its earlier ones.
    "delete from {quarantine} where _source_file in (" + _LOADING + ")"
    " and _dlt_load_id <> %(load_id)s",
    # Duplicates from a copy that was committed, and repeated because its answer was lost.
    """
    delete from {quarantine} where ctid in (
        select ctid from (
            select ctid,
                row_number() over (partition by _source_file, _source_row order by ctid) as copy
            from {quarantine} where _dlt_load_id = %(load_id)s
        ) as copies
        where copy > 1
    )
    """,
    # A file that was refused half-way through has sent rejected rows already.
    """
    delete from {quarantine} as q using {ledger} as l
    where q._dlt_load_id = %(load_id)s and l.load_id = q._dlt_load_id
    and l.path = q._source_file and l.outcome = 'refused'
    """,
    # Rows whose key has been delivered correctly: an earlier load's, or, of this load's, those with
    # a smaller order key. `offset 0` keeps the planner from a join: one look into the index for
    # each rejected row.
    """
    delete from {quarantine} as q
    where q.table_name = 'events' and exists (
        select from {events} as e
        where e.event_id = q.event_id and e._source_file in ("""
    + _LOADING
    + """)
        and (
            q._dlt_load_id <> %(load_id)s
            or (e._source_mtime, e._source_file collate "C")
                > (q._source_mtime, q._source_file collate "C")
        )
        and (q.reason <> '"""
    + OTHER_COMPANY
    + """' or e.apikey = q.apikey)
        offset 0
    )
    """,
    "update {ledger} set outcome = 'loaded', is_current = true, finished_at = now()"
    " where load_id = %(load_id)s and outcome = 'loading'",
)
