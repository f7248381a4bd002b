"""Do the marts say the same before and after a change of the models?

    python -m tests.dbt.compare_marts BEFORE AFTER

BEFORE and AFTER are addresses of databases (`make db-url`) or folders of Parquet files, one per
mart, which `--save FOLDER` writes:

    python -m tests.dbt.compare_marts --save /tmp/before "$(make db-url)"

Every relation of schema `marts` is compared: it must have the same columns (after the renames in
renamed_in_marts.yml) and the same rows, in any order. Floats may differ by 1e-9 of their size (or
1e-12), because sums in another order differ in their last digits; all other values must be equal.
Each mart gets one line, which says so or names the differences. The exit code is 1 if there is one.
"""

import argparse
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from psycopg2.sql import SQL, Identifier

RENAMES = Path(__file__).with_name("renamed_in_marts.yml")
RELATIVE, ABSOLUTE = 1e-9, 1e-12

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """A mart as it was read: names of its columns, those that are floats, and its rows."""

    columns: tuple[str, ...]
    floats: frozenset[str]
    rows: list[Row]


@dataclass(frozen=True)
class Renames:
    """renamed_in_marts.yml: how names and values of BEFORE are read in AFTER."""

    prefixes: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    added: Mapping[str, Sequence[str]] = field(default_factory=dict)
    excluded: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path = RENAMES) -> "Renames":
        return cls(**yaml.safe_load(path.read_text(encoding="utf-8")))

    def column(self, mart: str, name: str) -> str:
        """Return the name that a column of BEFORE has in AFTER."""
        whole = self.columns.get(mart, {})
        if name in whole:
            return whole[name]
        for old, new in self.prefixes.items():
            if name.startswith(old):
                return new + name.removeprefix(old)
        return name

    def apply(self, mart: str, table: Table) -> Table:
        """Return a table of BEFORE with the names and values of AFTER."""
        columns = tuple(self.column(mart, name) for name in table.columns)
        floats = frozenset(self.column(mart, name) for name in table.floats)
        maps = [self.values.get(name, {}) for name in columns]
        rows = [
            tuple(new.get(v, v) if new else v for new, v in zip(maps, row, strict=True))
            for row in table.rows
        ]
        return Table(columns, floats, rows)


def read_marts(place: str) -> dict[str, Table]:
    """Read all marts of a database or of a folder that `save` wrote."""
    if "://" in place:
        return _from_database(place)
    files = sorted(Path(place).glob("*.parquet"))
    return {file.stem: _from_arrow(pq.read_table(file)) for file in files}


def save(marts: Mapping[str, Table], folder: Path) -> None:
    """Write one Parquet file per mart."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in marts.items():
        values = zip(*table.rows, strict=True) if table.rows else ([] for _ in table.columns)
        arrays = [
            pa.array(list(column), pa.float64() if name in table.floats else None)
            for name, column in zip(table.columns, values, strict=True)
        ]
        pq.write_table(pa.table(arrays, names=list(table.columns)), folder / f"{name}.parquet")


def _from_database(url: str) -> dict[str, Table]:
    marts = {}
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.set_session(readonly=True)
        cursor.execute(
            "select table_name from information_schema.tables where table_schema = 'marts'"
        )
        for (name,) in sorted(cursor.fetchall()):
            cursor.execute(SQL("select * from marts.{}").format(Identifier(name)))
            columns = cursor.description or ()
            floats = frozenset(
                c.name for c in columns if c.type_code in psycopg2.extensions.FLOAT.values
            )
            marts[name] = Table(tuple(c.name for c in columns), floats, cursor.fetchall())
    return marts


def _from_arrow(table: pa.Table) -> Table:
    floats = frozenset(f.name for f in table.schema if pa.types.is_floating(f.type))
    columns = [column.to_pylist() for column in table.columns]
    return Table(tuple(table.column_names), floats, list(zip(*columns, strict=True)))


def differences(mart: str, before: Table, after: Table, renames: Renames) -> list[str]:
    """Say how a mart differs, in a few words each; empty when it does not."""
    before = renames.apply(mart, before)
    found = []
    if missing := [name for name in before.columns if name not in after.columns]:
        found.append(f"without {', '.join(missing)}")
    known = {*before.columns, *renames.added.get(mart, ())}
    if extra := [name for name in after.columns if name not in known]:
        found.append(f"with new {', '.join(extra)}")
    common = [n for n in before.columns if n in after.columns and n not in renames.excluded]
    floats = before.floats | after.floats
    exact = [name for name in common if name not in floats]
    inexact = [name for name in common if name in floats]
    old, new = (_grouped(table, exact, inexact) for table in (before, after))

    only_before = {key: rows for key, rows in old.items() if len(rows) != len(new.get(key, ()))}
    only_after = {key: rows for key, rows in new.items() if len(rows) != len(old.get(key, ()))}
    if only_before or only_after:
        counts = [sum(map(len, rows.values())) for rows in (only_before, only_after)]
        moved = [
            name
            for place, name in enumerate(exact)
            if Counter(key[place] for key in only_before)
            != Counter(key[place] for key in only_after)
        ]
        found.append(
            f"{counts[0]:,} rows only before, {counts[1]:,} only after"
            + (f" (they differ in {', '.join(moved)})" if moved else "")
        )

    far: Counter[str] = Counter()
    for key in old.keys() - only_before.keys():
        for left, right in zip(
            sorted(old[key], key=_order), sorted(new[key], key=_order), strict=True
        ):
            far.update(n for n, a, b in zip(inexact, left, right, strict=True) if not _close(a, b))
    found += [f"{name} differs in {count:,} rows" for name, count in sorted(far.items())]
    return found


def _grouped(table: Table, exact: Sequence[str], inexact: Sequence[str]) -> dict[Row, list[Row]]:
    """Group the floats of the rows by the values that must be equal."""
    places = [[table.columns.index(name) for name in names] for names in (exact, inexact)]
    groups: dict[Row, list[Row]] = defaultdict(list)
    for row in table.rows:
        key, values = (tuple(row[place] for place in kind) for kind in places)
        groups[key].append(values)
    return groups


def _order(values: Row) -> list[tuple[bool, float]]:
    """Order rows by their floats, so coarsely that the last digits do not count."""
    return [(v is None, 0.0 if v is None else float(f"{v:.6g}")) for v in values]


def _close(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=RELATIVE, abs_tol=ABSOLUTE)


def compare(
    before: Mapping[str, Table], after: Mapping[str, Table], renames: Renames
) -> dict[str, list[str]]:
    """Compare all marts; the differences of each."""
    result = {}
    for mart in sorted(before.keys() | after.keys()):
        if mart not in after or mart not in before:
            result[mart] = [f"there is no such mart {'after' if mart in before else 'before'}"]
        else:
            result[mart] = differences(mart, before[mart], after[mart], renames)
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, or save with --save; 1 when anything differs."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.dbt.compare_marts",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("before", metavar="BEFORE", help="address of a database, or a folder")
    parser.add_argument("after", metavar="AFTER", nargs="?", help="the same, after the change")
    parser.add_argument("--save", type=Path, help="write BEFORE's marts into this folder")
    options = parser.parse_args(arguments)
    if not options.save and not options.after:
        parser.error("AFTER is missing (or --save)")
    before = read_marts(options.before)
    if options.save:
        save(before, options.save)
    if not options.after:
        return 0
    found = compare(before, read_marts(options.after), Renames.read())
    if not found:
        print("There are no marts.")
        return 1
    for mart, what in found.items():
        rows = len(before[mart].rows) if mart in before else 0
        print(f"{mart}: {'; '.join(what) if what else f'equal ({rows:,} rows)'}")
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
