"""Events leave the database: the raw table, every model that holds rows of them, and the ledger.

All of it happens in the caller's transaction, so a run that is killed has removed nothing. What
leaves is first listed in the temporary table `removed`. The change log says so to the models that
only add up events; they follow with the next build.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from psycopg2 import sql

from pipelines.consent import change_log
from pipelines.consent.names import EVENTS, LEDGER, QUARANTINE

_REMOVED = """
create temporary table removed on commit drop as
select event_id, apikey, event_time, _dlt_load_id, _source_file
from {events} as events where {condition}
"""

_CHANGES = "select apikey, event_time, _dlt_load_id, 0 as joined, 1 as gone from removed"

# Tables that models filled with rows of events, in any schema: where fct_events is, and its
# neighbour. A build's temporary tables belong to its session and are left alone.
_COPIES = """
select tables.schema_name, tables.name,
    array(
        select attname::text from pg_attribute
        where attrelid = tables.oid and not attisdropped and attname = any(%s) order by attname
    ) as columns
from (
    select pg_class.oid, nspname as schema_name, relname as name
    from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where relkind in ('r', 'p') and relpersistence <> 't'
) as tables
where regexp_replace(schema_name, 'intermediate$', 'marts') in (
    select nspname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where relname = 'fct_events' and relkind in ('r', 'p')
)
order by schema_name, name
"""

# A token may have choices of others, too: the next build computes its row again from those.
_TOKENS = """
(copy.company_id, copy.token_created_at) in (
    select copy.company_id, copy.token_created_at from {facts} as copy where {any}
)
"""

# Rows that tests of dbt failed on (--store-failures): the next such test fills the table again.
_STORED_FAILURES = """
select nspname, relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
where relkind = 'r' and nspname like '%dbt\\_test\\_\\_audit'
"""

# By file, and whether the file's last load was the one that brought or changed the row.
_BY_FILE = """
select removed._source_file, count(*) filter (where removed._dlt_load_id = files.load_id),
    count(*) filter (where removed._dlt_load_id is distinct from files.load_id)
from removed left join {last_loaded} as files on files.path = removed._source_file
group by 1
"""

# The newest content of each path that was loaded: it has counted the rows that are there.
_LAST_LOADED = """
(
    select distinct on (path) ctid as place, {ledger}.* from {ledger}
    where outcome = 'loaded' order by path, is_current desc, finished_at desc
)
"""

_COUNTED = ("rows_new", "rows_changed", "rows_unchanged", "rows_duplicate", "rows_quarantined")


@dataclass
class Others:
    """Rows of a file that another row stands for in the database, of this load or a later one."""

    duplicate: int = 0
    replaced: int = 0


@dataclass
class Removal:
    """The tables that events leave, in one transaction.

    Args:
        cursor: in the transaction that the caller has begun.
    """

    cursor: Any
    dataset: str
    touched: list[sql.Identifier] = field(init=False)
    """Every table that rows may have left."""

    def __post_init__(self) -> None:
        raw = {"events": EVENTS, "quarantine": QUARANTINE, "ledger": LEDGER}
        tables = {name: sql.Identifier(self.dataset, table) for name, table in raw.items()}
        self.touched = list(tables.values())
        self._names: dict[str, sql.Composable] = {**tables}
        self._names["last_loaded"] = sql.SQL(_LAST_LOADED).format(**tables)

    def execute(self, statement: str, **names: sql.Composable) -> list[tuple[Any, ...]]:
        """Runs a statement over the names of the raw tables; returns its rows, if it has any."""
        self.cursor.execute(sql.SQL(statement).format(**self._names, **names))
        return self.cursor.fetchall() if self.cursor.description else []

    def events(
        self,
        condition: sql.Composable,
        reason: str,
        in_facts: Mapping[str, sql.Composable] | None = None,
    ) -> int:
        """Removes the raw events of a condition, and what models hold of them.

        Args:
            condition: on the raw table, which is called `events`.
            reason: what the change log shows as the load id; it must differ each time.
            in_facts: further conditions on fct_events, called `copy`, by a column that they need.

        Returns:
            How many rows of models went. The raw rows that went are in the table `removed`.
        """
        self.execute(_REMOVED, condition=condition)
        self.execute("create index on removed (event_id)")
        self.execute("analyze removed")
        change_log.write(self.cursor, self.dataset, sql.SQL(_CHANGES), sql.Literal(reason))
        self.execute("delete from {events} where event_id in (select event_id from removed)")
        by_id = {
            column: sql.SQL(f"copy.{column} in (select event_id from removed)")
            for column in ("event_id", "next_event_id")
        }
        of_facts = {"event_id": by_id["event_id"]} | dict(in_facts or {})
        rows = 0
        self.cursor.execute(_COPIES, (list(by_id | of_facts),))
        for schema, name, columns in self.cursor.fetchall():
            copy = sql.Identifier(schema, name)
            conditions = of_facts if name in ("fct_events", "consent_tokens") else by_id
            chosen = [conditions[column] for column in columns if column in conditions]
            if name == "consent_tokens":  # its name comes first, so fct_events is still whole
                facts = sql.Identifier(schema, "fct_events")
                of_rows = sql.SQL(" or ").join(of_facts.values())
                chosen.append(sql.SQL(_TOKENS).format(facts=facts, any=of_rows))
            if chosen:
                condition = sql.SQL(" or ").join(chosen)
                self.execute("delete from {copy} as copy where {any}", copy=copy, any=condition)
                rows += self.cursor.rowcount
                self.touched.append(copy)
        for schema, name in self.execute(_STORED_FAILURES):
            self.execute("delete from {table}", table=sql.Identifier(schema, name))
        return rows

    def quarantined(self, places: Iterable[Any]) -> Counter[str]:
        """Removes rows of the quarantine by ctid; returns how many of each file."""
        removed = self.execute(
            "delete from {quarantine} where ctid = any({places}::tid[]) returning _source_file",
            places=sql.Literal(list(places)),
        )
        return Counter(path for (path,) in removed)

    def count(self, column: str, quarantined: Counter[str], others: dict[str, Others]) -> None:
        """Moves what was removed into a column of the ledger: rows_erased or rows_expired.

        Args:
            quarantined: rows that left the quarantine, by file.
            others: rows of the input files that are not in the database under their file.
        """
        here = {path: (own, taken_over) for path, own, taken_over in self.execute(_BY_FILE)}
        for path in here.keys() | quarantined.keys() | others.keys():
            own, taken_over = here.get(path, (0, 0))
            rest = others.get(path, Others())
            self._move(
                path,
                column,
                [
                    (quarantined[path], ("rows_quarantined",)),
                    (own, ("rows_new", "rows_changed")),
                    (taken_over, ("rows_unchanged",)),
                    (rest.duplicate, ("rows_duplicate",)),
                    (rest.replaced, ("rows_new", "rows_changed", "rows_unchanged")),
                ],
            )

    def _move(self, path: str, column: str, moves: list[tuple[int, tuple[str, ...]]]) -> None:
        """Takes rows from the counts of a file, never more than there are, so it still adds up."""
        columns = sql.SQL(", ").join(map(sql.Identifier, _COUNTED))
        self.cursor.execute(
            sql.SQL("select place, {columns} from {last_loaded} as files where path = %s").format(
                columns=columns, **self._names
            ),
            (path,),
        )
        if (row := self.cursor.fetchone()) is None:
            return
        counts = dict(zip(_COUNTED, row[1:], strict=True))
        before = sum(counts.values())
        for rows, preferred in moves:
            for name in dict.fromkeys((*preferred, *_COUNTED[:-1])):
                taken = min(rows, counts[name])
                counts[name] -= taken
                rows -= taken
        self.cursor.execute(
            sql.SQL(
                "update {ledger} set ({columns}, {moved}) = (%s, %s, %s, %s, %s, {moved} + %s)"
                " where ctid = %s"
            ).format(columns=columns, moved=sql.Identifier(column), **self._names),
            (*counts.values(), before - sum(counts.values()), row[0]),
        )
