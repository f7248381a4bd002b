"""The comparison of marts tells apart what differs and what only looks so."""

from datetime import date
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from database.address import Address
from tests.dbt.compare_marts import Renames, Table, differences, main, read_marts, save

COLUMNS = ("company_id", "event_count", "share", "is_reliable", "day")
ROWS: list[tuple[Any, ...]] = [
    ("a", 3, 0.1 + 0.2, True, date(2025, 10, 6)),
    ("b", 4, None, False, None),
    ("b", 4, 7.5, False, None),
]
NOTHING = Renames()


def table(rows: list[tuple[Any, ...]] = ROWS, columns: tuple[str, ...] = COLUMNS) -> Table:
    return Table(columns, frozenset(["share"]), rows)


def changed(row: int, column: str, value: Any) -> Table:
    rows = [list(values) for values in ROWS]
    rows[row][COLUMNS.index(column)] = value
    return table([tuple(values) for values in rows])


def test_order_and_the_last_digits_of_floats_do_not_count() -> None:
    after = changed(0, "share", 0.3)
    assert 0.1 + 0.2 != 0.3
    assert differences("m", table(), table(after.rows[::-1]), NOTHING) == []


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (changed(0, "share", 0.3 + 1e-8), "share differs in 1 rows"),
        (changed(0, "share", None), "share differs in 1 rows"),
        (changed(1, "share", 0.0), "share differs in 2 rows"),
        (
            changed(0, "event_count", 5),
            "1 rows only before, 1 only after (they differ in event_count)",
        ),
        (changed(2, "day", date(2025, 1, 1)), "2 rows only before, 2 only after"),
        (table(ROWS[:2]), "2 rows only before, 1 only after"),
        (table([*ROWS, ROWS[2]]), "2 rows only before, 3 only after"),
    ],
)
def test_any_other_difference_is_named(after: Table, found: str) -> None:
    assert any(words.startswith(found) for words in differences("m", table(), after, NOTHING))


def test_columns_that_come_or_go_are_named() -> None:
    other = table(columns=("company_id", "number", "share", "is_reliable", "day"))
    assert differences("m", table(), other, NOTHING) == [
        "without event_count",
        "with new number",
    ]
    announced = Renames(added={"m": ["number"]})
    assert differences("m", table(), other, announced) == ["without event_count"]


def test_renamed_columns_and_values_are_the_same_and_excluded_ones_are_not_looked_at() -> None:
    renames = Renames(
        prefixes={"event_": "row_"},
        columns={"m": {"share": "part"}},
        values={"company_id": {"a": "A"}},
        excluded={"day": "for the test"},
    )
    rows = [("A", 3, 0.3, True, None), *ROWS[1:]]
    after = Table(
        ("company_id", "row_count", "part", "is_reliable", "day"), frozenset(["part"]), rows
    )
    assert differences("m", table(), after, renames) == []
    assert "without share" in differences("other", table(), after, renames)


def test_a_folder_of_files_keeps_what_was_read(tmp_path: Path) -> None:
    empty = table([])
    save({"m": table(), "empty": empty}, tmp_path)
    read = read_marts(str(tmp_path))
    assert differences("m", table(), read["m"], NOTHING) == []
    assert (read["m"].columns, read["m"].floats) == (COLUMNS, frozenset(["share"]))
    assert read["empty"] == empty


def test_databases_are_compared_mart_by_mart(
    fresh_database: Address, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = fresh_database.url

    def execute(statements: str) -> None:
        connection = psycopg2.connect(url)
        with connection, connection.cursor() as cursor:
            cursor.execute(statements)
        connection.close()

    def compared() -> tuple[int, list[str]]:
        return main([str(tmp_path), url]), capsys.readouterr().out.splitlines()

    execute("create schema marts; create table marts.one as select 1 as n, 0.5::float8 as x")
    execute("create view marts.two as select now() as reported_at, 'a'::text as company_id")
    assert main([url, "--save", str(tmp_path)]) == 0
    assert compared() == (0, ["one: equal (1 rows)", "two: equal (1 rows)"])
    execute("update marts.one set x = 0.25; create table marts.three as select 1 as n")
    assert compared() == (
        1,
        [
            "one: x differs in 1 rows",
            "three: there is no such mart before",
            "two: equal (1 rows)",
        ],
    )
