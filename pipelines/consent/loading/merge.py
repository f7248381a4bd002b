"""The merge of one staged table into its raw table: each key once, its newest version.

Newest: within one path the later content wins; between paths the greater order key
(`_source_mtime`, `_source_file`, `_source_row`) wins. Rows whose data did not change keep their
`_dlt_load_id`, so that downstream incremental models touch only what changed. All of it, with
the counts in the ledger, is one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import psycopg2.errors
from psycopg2 import sql

from pipelines.consent.errors import LoadError
from pipelines.consent.loading.first_load import create_indexes, promote
from pipelines.consent.names import KEYS, LEDGER, LOAD_ID, ORDER_KEY

_ORDER_COLUMNS = list(ORDER_KEY)


@dataclass
class Merge:
    """Merges `staging.table` into `dataset.table` and writes the counts into the ledger.

    Args:
        columns: every column of the table, as named in the database.
        load_id: the load package; only files that its ledger rows call `loading` are merged.
    """

    table: str
    columns: list[str]
    dataset: str
    staging: str
    load_id: str
    absent: list[str] = field(default_factory=list, init=False)
    """Columns that another machine's deliveries added, and this one's have not: null here."""

    @property
    def key(self) -> str:
        """The key's name in the database."""
        return KEYS[self.table].lower()

    def run(self, connection: Any) -> None:
        """Runs inside the transaction that the caller has begun.

        Raises:
            LoadError: the staged rows are not those that were read (another run emptied the
                staging table); nothing is changed.
        """
        with connection.cursor() as cursor:
            if self._is_merged(cursor):
                return
            if promote(cursor, self.dataset, self.staging, self.table, self.key, self.load_id):
                return
            self._verify_staged(cursor)
            self._find_absent(cursor)
            self._rank(cursor)
            all_new = self._decide(cursor)
            self._insert(cursor, everything=all_new)
            if not all_new:
                self._update(cursor)
            self._index(cursor)
            self._count(cursor)

    def _execute(self, cursor: Any, statement: str, **names: sql.Composable) -> None:
        composed = sql.SQL(statement).format(**self._names(), **names)
        cursor.execute(composed, {"load_id": self.load_id, "table": self.table})

    def _names(self) -> dict[str, sql.Composable]:
        return {
            "target": sql.Identifier(self.dataset, self.table),
            "staged": sql.Identifier(self.staging, self.table),
            "ledger": sql.Identifier(self.dataset, LEDGER),
            "key": sql.Identifier(self.key),
        }

    def _is_merged(self, cursor: Any) -> bool:
        """Whether an earlier try of this job was committed, and only its answer was lost."""
        self._execute(
            cursor,
            # Locked: should this run have lost its lock, the next one waits for the merge's end.
            "select path from {ledger} where load_id = %(load_id)s and table_name = %(table)s"
            " and outcome = 'loading' and rows_new is null for update",
        )
        return not cursor.fetchall()

    def _verify_staged(self, cursor: Any) -> None:
        """Every row that was read is staged once; a copy job that ran twice is made undone."""
        wrong = self._wrong_counts(cursor)
        if any(staged > expected for _, expected, staged in wrong):
            self._execute(
                cursor,
                "delete from {staged} where ctid in (select ctid from (select ctid,"
                " row_number() over (partition by _source_file, _source_row order by ctid) as copy"
                " from {staged} where _dlt_load_id = %(load_id)s) as copies where copy > 1)",
            )
            wrong = self._wrong_counts(cursor)
        if wrong:
            path, expected, staged = wrong[0]
            raise LoadError(
                f"{path}: {expected} rows were read but {staged} are staged, so nothing of this"
                " load was merged; another run used the staging tables. Run the load again."
            )

    def _wrong_counts(self, cursor: Any) -> list[tuple[str, int, int]]:
        self._execute(
            cursor,
            "with counts as (select _source_file, count(*) as staged from {staged}"
            " where _dlt_load_id = %(load_id)s group by 1)"
            " select path, rows_read - rows_quarantined, coalesce(staged, 0)"
            " from {ledger} left join counts on _source_file = path"
            " where load_id = %(load_id)s and table_name = %(table)s and outcome = 'loading'"
            " and rows_read - rows_quarantined <> coalesce(staged, 0)",
        )
        return cursor.fetchall()  # type: ignore[no-any-return]

    def _find_absent(self, cursor: Any) -> None:
        self._execute(
            cursor,
            "select attname from pg_attribute where attrelid = {name}::regclass and attnum > 0"
            " and not attisdropped order by attnum",
            name=sql.Literal(f'"{self.dataset}"."{self.table}"'),
        )
        self.absent = [name for (name,) in cursor.fetchall() if name not in self.columns]

    def _rank(self, cursor: Any) -> None:
        """Staged rows of the files to merge, narrow; rank 1 is the newest of its key."""
        self._execute(cursor, "set local work_mem = '128MB'")
        self._execute(
            cursor,
            "create temporary table merge_rank on commit drop as select ctid as staged_at,"
            " {key} as key, _source_mtime, _source_file, row_number() over (partition by {key}"
            ' collate "C" order by _source_mtime desc, _source_file collate "C" desc,'
            " _source_row desc) as rank from {staged} where _dlt_load_id = %(load_id)s"
            " and _source_file in (select path from"
            " {ledger} where load_id = %(load_id)s and table_name = %(table)s"
            " and outcome = 'loading')",
        )
        self._execute(cursor, "analyze merge_rank")

    def _decide(self, cursor: Any) -> bool:
        """The outcome of each staged row; tells whether every one is new and goes in as it is."""
        self._execute(cursor, "select exists (select from {target})")
        if cursor.fetchone()[0]:
            self._compare(cursor)
        else:
            self._execute(
                cursor,
                "create temporary table merge_outcome on commit drop as select staged_at,"
                " _source_file, case when rank = 1 then 'new' else 'duplicate' end as outcome"
                " from merge_rank",
            )
        self._execute(cursor, "analyze merge_outcome")
        self._execute(
            cursor,
            "select not exists (select from merge_outcome where outcome <> 'new') and"
            " (select count(*) from merge_outcome) = (select count(*) from {staged})",
        )
        return cursor.fetchone()[0]  # type: ignore[no-any-return]

    def _compare(self, cursor: Any) -> None:
        data = [c for c in self.columns if c not in {*_ORDER_COLUMNS, LOAD_ID, self.key}]
        self._execute(
            cursor,
            "create temporary table merge_outcome on commit drop as"
            " select r.staged_at, r._source_file, case when r.rank > 1 then 'duplicate'"
            " when d.{key} is null then 'new' when d._source_file <> r._source_file and"
            ' (d._source_mtime, d._source_file collate "C")'
            " > (r._source_mtime, r._source_file collate \"C\") then 'duplicate'"
            " when ({theirs}) is distinct from ({ours}) then 'changed' else 'unchanged' end"
            " as outcome from merge_rank as r left join {target} as d on d.{key} = r.key"
            " and r.rank = 1 left join {staged} as s on s.ctid = r.staged_at"
            " and d.{key} is not null",
            theirs=_list([*data, *self.absent], "d"),
            ours=_list(data, "s", nulls=len(self.absent)),
        )

    def _insert(self, cursor: Any, *, everything: bool) -> None:
        chosen = (
            ""
            if everything
            else (" join merge_outcome as o on o.staged_at = s.ctid and o.outcome = 'new'")
        )
        self._execute(
            cursor,
            "insert into {target} ({columns}) select {values} from {staged} as s" + chosen,
            columns=_list(self.columns),
            values=_list(self.columns, "s"),
        )

    def _update(self, cursor: Any) -> None:
        """Changed rows whole; unchanged ones only where a newer file now vouches for them."""
        for outcome, columns, absent in (
            ("changed", self.columns, self.absent),
            ("unchanged", _ORDER_COLUMNS, []),
        ):
            self._execute(
                cursor,
                "update {target} as d set ({columns}) = row({values}) from merge_outcome as o"
                " join {staged} as s on s.ctid = o.staged_at where o.outcome = {outcome}"
                " and d.{key} = s.{key} and ({theirs}) is distinct from ({values})",
                outcome=sql.Literal(outcome),
                columns=_list([*columns, *absent]),
                values=_list(columns, "s", nulls=len(absent)),
                theirs=_list([*columns, *absent], "d"),
            )

    def _index(self, cursor: Any) -> None:
        try:
            create_indexes(cursor, self.dataset, self.table, self.key)
        except psycopg2.errors.UniqueViolation as error:
            # Its index was dropped, and rows were added by hand: no file is to blame.
            raise LoadError(
                f"{self.dataset}.{self.table} holds a {self.key} twice:"
                " python pipelines/consent_pipeline.py --full-refresh loads everything again."
            ) from error

    def _count(self, cursor: Any) -> None:
        counted = ", ".join(
            f"rows_{o} = (select count(*) from merge_outcome where _source_file = path"
            f" and outcome = '{o}')"
            for o in ("new", "changed", "unchanged", "duplicate")
        )
        self._execute(
            cursor,
            f"update {{ledger}} set {counted} where load_id = %(load_id)s"
            " and table_name = %(table)s and outcome = 'loading'",
        )


def _list(columns: list[str], alias: str | None = None, nulls: int = 0) -> sql.Composable:
    names = [sql.Identifier(alias, c) if alias else sql.Identifier(c) for c in columns]
    return sql.SQL(", ").join([*names, *[sql.SQL("null")] * nulls])
