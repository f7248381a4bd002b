"""Parts on their way into the database: what they hold, how many there are, how they are copied."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pgpq
import psycopg2
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from database import address
from database.address import Address
from pipelines.consent.loading.binary_copy import HEADER, TRAILER, encode
from pipelines.consent.loading.copy_stream import copy_file
from tests.load.conftest import Loader
from tests.load.deliveries import event, events
from tests.load.soundness import assert_sound

TIMESTAMP = pa.timestamp("us", tz="UTC")
COLUMNS: dict[str, tuple[pa.DataType, str, list[Any]]] = {
    "word": (pa.string(), "varchar", ["", "é\t\\N\n😀", None, "\\.", "x" * 300_000]),
    "number": (pa.int64(), "bigint", [0, -(2**63), None, 2**63 - 1, 10]),
    "share": (pa.float64(), "double precision", [0.1, -0.0, None, 5e-324, 1.7e308]),
    "at": (
        TIMESTAMP,
        "timestamptz",
        [
            datetime(1, 1, 1, tzinfo=UTC),
            datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
            None,
            datetime(2000, 1, 1, tzinfo=UTC),
            datetime(9999, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
        ],
    ),
}
ROWS = list(zip(*(values for _, _, values in COLUMNS.values()), strict=True))


@pytest.fixture
def cursor(fresh_database: Address) -> Iterator[Cursor]:
    connection = address.connect(fresh_database)
    with connection.cursor() as made:
        made.execute("set timezone to 'UTC'")
        # In another order, and with a column that parts know nothing of.
        columns = ", ".join(f"{name} {type_}" for name, (_, type_, _) in reversed(COLUMNS.items()))
        made.execute(f"create table t (more bigint, {columns})")
        connection.commit()
        yield made
    connection.close()


@pytest.fixture
def part(tmp_path: Path) -> Path:
    arrays = {name: pa.array(values, type_) for name, (type_, _, values) in COLUMNS.items()}
    pyarrow.parquet.write_table(pa.table(arrays), tmp_path / "part.parquet", row_group_size=2)
    return tmp_path / "part.parquet"


def copied(cursor: Cursor) -> list[tuple[Any, ...]]:
    cursor.execute(f"select {', '.join(COLUMNS)} from t")
    return cursor.fetchall()


def test_bytes_of_two_rows_worked_by_hand() -> None:
    rows = pa.RecordBatch.from_pydict(
        {
            "word": pa.array(["é", None]),
            "number": pa.array([-2, None], pa.int64()),
            "at": pa.array([datetime(2000, 1, 1, 0, 0, 0, 3, tzinfo=UTC)] * 2, TIMESTAMP),
        }
    )
    at = b"\0\0\0\x08" + b"\0\0\0\0\0\0\0\x03"
    first = b"\0\x03" + b"\0\0\0\x02\xc3\xa9" + b"\0\0\0\x08" + b"\xff" * 7 + b"\xfe" + at
    second = b"\0\x03" + b"\xff\xff\xff\xff" + b"\xff\xff\xff\xff" + at
    assert encode(rows) == first + second
    assert encode(rows.slice(1)) == second


PROPERTY_TYPES = {
    pa.string(): st.text(),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.float64(): st.floats(allow_nan=False),
    TIMESTAMP: st.datetimes(timezones=st.just(UTC)),
}


@st.composite
def batches(draw: st.DrawFn) -> pa.RecordBatch:
    """Columns of any types and values, nulls among them; some are a slice of a longer batch."""
    types = draw(st.lists(st.sampled_from(list(PROPERTY_TYPES)), min_size=1, max_size=6))
    rows = draw(st.integers(1, 8))
    columns = [
        pa.array(
            draw(st.lists(st.none() | PROPERTY_TYPES[t], min_size=rows, max_size=rows)), type=t
        )
        for t in types
    ]
    batch = pa.RecordBatch.from_arrays(columns, names=[f"c{i}" for i in range(len(types))])
    return batch.slice(draw(st.integers(0, rows - 1)))


@given(batches())
def test_bytes_are_those_of_pgpq(batch: pa.RecordBatch) -> None:
    """pgpq is a second implementation of the format, and a development dependency only."""
    encoder = pgpq.ArrowToPostgresBinaryEncoder(batch.schema)
    assert encoder.write_header() == HEADER
    # It keeps small batches until the end.
    assert encoder.write_batch(batch) + encoder.finish() == bytes(encode(batch)) + TRAILER


def test_type_without_a_rule_is_an_error() -> None:
    with pytest.raises(TypeError, match="no rule to copy bool"):
        encode(pa.RecordBatch.from_pydict({"yes": pa.array([True])}))


@pytest.mark.parametrize("replace", [False, True])
def test_every_type_arrives_as_it_was(cursor: Cursor, part: Path, replace: bool) -> None:
    copy_file(cursor, sql.Identifier("public", "t"), part, replace=replace)
    assert copied(cursor) == ROWS
    cursor.execute("select count(*) from t where share = 0 and share::text = '-0'")
    assert cursor.fetchone() == (1,)


def test_dictionary_is_copied_as_text_and_a_part_without_rows_is_one(
    cursor: Cursor, tmp_path: Path
) -> None:
    words = pa.array(["a", None, "a"]).dictionary_encode()
    for number, table in enumerate((pa.table({"word": words}), pa.table({"word": words[:0]}))):
        pyarrow.parquet.write_table(table, tmp_path / f"{number}.parquet")
        copy_file(
            cursor, sql.Identifier("public", "t"), tmp_path / f"{number}.parquet", replace=False
        )
    assert [row[0] for row in copied(cursor)] == ["a", None, "a"]


def test_copy_that_replaces_can_run_again(cursor: Cursor, part: Path) -> None:
    for _ in range(2):
        copy_file(cursor, sql.Identifier("public", "t"), part, replace=True)
        cursor.connection.commit()
    assert copied(cursor) == ROWS


def test_damaged_part_is_not_taken_for_a_cancelled_statement(cursor: Cursor, part: Path) -> None:
    content = bytearray(part.read_bytes())
    content[20:400] = bytes(380)
    part.write_bytes(content)
    with pytest.raises((OSError, pa.ArrowException)):
        copy_file(cursor, sql.Identifier("public", "t"), part, replace=False)


def test_refusal_of_the_server_is_the_servers_error(cursor: Cursor, part: Path) -> None:
    cursor.execute("alter table t add check (number < 10)")
    with pytest.raises(psycopg2.errors.CheckViolation):
        copy_file(cursor, sql.Identifier("public", "t"), part, replace=False)


def all_visible(loader: Loader) -> bool:
    """Whether every page is marked as seen by all: the rows were copied frozen."""
    loader.sql("analyze events")  # counts the marks; it sets none
    return bool(
        loader.value(
            "select relallvisible = relpages and relpages > 0 from pg_class"
            " where oid = 'events'::regclass"
        )
    )


def test_only_part_of_a_first_load_is_frozen(loader: Loader) -> None:
    loader.input.csv("a", [event(f"e{i}") for i in range(1000)])
    loader.load()
    assert all_visible(loader)


def test_files_with_and_without_an_added_column_share_a_part(loader: Loader) -> None:
    loader.input.csv("a", events("e1"))
    loader.input.csv("b", events("e2", USER_ID="u2"))
    loader.input.csv("c", events("e3"))
    loader.input.csv("d", events("e4", SCREEN="large"))
    loader.load()
    assert loader.sql("select event_id, user_id, screen from events order by 1") == [
        ("e1", None, None),
        ("e2", "u2", None),
        ("e3", None, None),
        ("e4", None, "large"),
    ]
    assert_sound(loader)


def test_parts_of_two_formats_do_not_replace_each_other(loader: Loader) -> None:
    for day in (1, 2):
        ids = [f"{day}-{i}" for i in range(500)]
        loader.input.csv(f"a{day}", events(*(f"c{i}" for i in ids)), day=day)
        loader.input.parquet(f"b{day}", events(*(f"p{i}" for i in ids)), day=day)
        loader.load()
        assert loader.value("select count(*) from events") == 1000 * day
    assert_sound(loader)


def test_wide_rows_are_cut_into_parts(loader: Loader) -> None:
    text = '{"vendors": "' + "v" * 10_000 + '"}'
    loader.input.csv("a", [event(f"e{i}", PARAMETERS=text) for i in range(6_000)])
    loader.load()
    assert loader.value("select count(distinct event_id) from events") == 6_000
    assert not all_visible(loader)
    assert_sound(loader)


def test_rejected_rows_of_an_earlier_load_stay(loader: Loader) -> None:
    for name in ("a", "b"):
        loader.input.csv(name, [event(f"{name}-good"), event(f"{name}-bad", COUNT="x")])
        loader.load()
    assert [file for file, _, _ in loader.quarantine()] == ["events/csv/a.csv", "events/csv/b.csv"]
