"""Properties of any delivery, with generated rows against the real Postgres.

The quick ones run a few examples each, and many more in `make campaign`; all of them are the same
in every run (derandomized).
"""

import json
import shutil
from collections.abc import Callable
from typing import Any

import dlt
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.consent.checking.json_text import json_faults
from tests.load.conftest import Loader
from tests.load.deliveries import DATA_COLUMNS, Folder, Row, csv_bytes, event
from tests.load.reference import TABLE, Reference
from tests.load.soundness import LOG_DIFFERS

Property = Callable[..., None]

ONLY_OF_OTHERS = """
select count(distinct true) from load_files
where is_current and rows_read > 0 and rows_quarantined = rows_read
"""
"""1 if every row of some file was rejected, else 0."""


def examples(count: int) -> Callable[[Property], Property]:
    return settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
AWKWARD = st.sampled_from(['"', '""', ",", "\n", "\r\n", "NA", "'", "\\", "=1", '"ES"', "é", " a "])
VALUE = st.one_of(st.none(), TEXT, AWKWARD)
ROW = st.fixed_dictionaries(
    {
        "TYPE": st.sampled_from(["pageview", "consent.given", '"x"']),
        "RATE": st.sampled_from([None, "1", "0.1000000015", "0.5", "0", "2", "1e-3"]),
        "PARAMETERS": st.one_of(
            st.none(),
            st.recursive(
                st.one_of(st.none(), st.booleans(), st.integers(-(2**60), 2**60), TEXT),
                lambda inner: (
                    st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
                ),
                max_leaves=6,
            ).map(lambda value: json.dumps(value, indent=2)),
            st.just("{"),
        ),
        "EVENT_TIME": st.one_of(
            st.sampled_from(
                ["2025-09-05 9:52:16", "2025-09-05 01:14:29.602", "2025-13-01 00:00:00"]
            ),
            st.datetimes().map(lambda time: time.isoformat(" ")),
        ),
        "WINDOW_START": st.sampled_from([None, "2025-09-05 01:00:00.000", "soon"]),
        "APIKEY": st.sampled_from(["company-1", "company-2", None]),
        "CONSENT": VALUE,
        "COUNT": st.sampled_from(["1", "10", "0", "-3"]),
        "DOMAIN": VALUE,
        "COUNTRY": VALUE,
        "REGION": VALUE,
        "DEVICE_TYPE": VALUE,
    }
)


def start_afresh(loader: Loader) -> None:
    for dataset in ("consent_raw", "consent_raw_staging"):
        loader.sql(f"drop schema if exists {dataset} cascade")
    shutil.rmtree(dlt.current.run_context().data_dir, ignore_errors=True)
    shutil.rmtree(loader.input.root)
    loader.input = Folder(loader.input.root)


def both_formats_agree(loader: Loader, rows: list[Row]) -> None:
    start_afresh(loader)
    numbered = [event(f"{i:03}", **row) for i, row in enumerate([{}, *rows])]
    csv = [row | {"EVENT_ID": f"c{row['EVENT_ID']}"} for row in numbered]
    parquet = [row | {"EVENT_ID": f"p{row['EVENT_ID']}"} for row in numbered]
    loader.input.csv("a", csv)
    loader.input.parquet("a", parquet)
    loader.load()
    rest = DATA_COLUMNS.removeprefix("event_id, ")
    loaded: dict[str, list[Any]] = {
        format_: loader.sql(
            f"select substr(event_id, 2), _source_row, {rest} from events"
            " where event_id like %s order by 1",
            f"{format_}%",
        )
        for format_ in "cp"
    }
    assert loaded["c"] == loaded["p"]
    reasons = (
        "select _source_row, reason from events_quarantine where _source_file like %s order by 1"
    )
    assert loader.sql(reasons, "%csv") == loader.sql(reasons, "%parquet")
    assert len(loaded["c"]) + len(loader.sql(reasons, "%csv")) == len(numbered)


def any_split_gives_the_same_table(loader: Loader, data: st.DataObject) -> None:
    """Rows in files, files in runs, some files rewritten: the table is the reference's.

    Events change, and move to another company and another day; the change log says all of it.
    """
    start_afresh(loader)
    reference = Reference()
    days = data.draw(st.permutations([1.0, 2.0, 2.0, 3.0]), label="days")
    places = [("company-1", "2025-09-05"), ("company-1", "2025-09-06"), ("company-2", "2025-09-05")]
    rows = st.lists(
        st.tuples(
            st.sampled_from("abcdef"), st.sampled_from(["x", "y", "z"]), st.sampled_from(places)
        ),
        max_size=8,
    )
    for _ in range(data.draw(st.integers(1, 3), label="runs")):
        arriving = data.draw(st.sets(st.integers(0, 3), min_size=1), label="files")
        contents: dict[str, tuple[float, list[Row]]] = {}
        for number in sorted(arriving):
            made = [
                event(i, CONSENT=consent, APIKEY=company, EVENT_TIME=f"{day} 23:59:59")
                for i, consent, (company, day) in data.draw(rows, label="rows")
            ]
            write = loader.input.parquet if number % 2 else loader.input.csv
            path = write(f"f{number}", made, day=days[number])
            name = path.relative_to(loader.input.root).as_posix()
            contents[name] = (days[number], made)
        reference.deliver(contents)
        result = loader.run()
        assert "Refused" not in result.text, result.text
        # 1: a file holds only events that belong to another company
        assert result.code == loader.value(ONLY_OF_OTHERS), result.text
        assert loader.sql(LOG_DIFFERS) == []
    assert loader.sql(TABLE) == reference.rows()


def arrival_does_not_matter(loader: Loader, data: st.DataObject) -> None:
    """The same files, each delivered once, in two orders of arrival with runs in between."""
    rows = data.draw(
        st.lists(
            st.tuples(st.sampled_from("abcde"), st.sampled_from(["x", "y"])),
            min_size=4,
            max_size=16,
        )
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), min_size=2, max_size=3)))
    pieces = [rows[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
    found = []
    for order in (range(len(pieces)), data.draw(st.permutations(range(len(pieces))))):
        start_afresh(loader)
        for number in order:
            made = [event(i, CONSENT=consent) for i, consent in pieces[number]]
            write = loader.input.csv if number % 2 else loader.input.parquet
            write(f"f{number}", made, day=number)
            loader.load()
        found.append(loader.sql(TABLE))
    newest = dict(rows)
    assert [(row[0], row[1]) for row in found[0]] == sorted(newest.items())
    assert found[0] == found[1]


NUMBERS = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "-"]),
    st.sampled_from(["0", "1", "12345678901234567890", "9" * 308, "9" * 400]),
    st.sampled_from(["", ".0", ".5", "." + "0" * 20, "." + "1" * 16_000, "." + "0" * 16_380 + "1"]),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["e", "E"]),
        st.sampled_from(["", "+", "-"]),
        st.sampled_from(["0", "5", "300", "400", "999", "1000", "9999", "20000", "2147483648"]),
    )
    | st.just(""),
)
STRINGS = st.lists(
    st.sampled_from(
        [
            "a",
            "\\u0000",
            "\\\\u0000",
            "\\ud800",
            "\\udc00",
            "\\ud83d\\ude00",
            "\\n",
            "\\\\",
            '\\"',
            "\\/",
            "\\x",
            "\u0001",
            "é",
            "💶",
            "\\u00e9",
            "\\ud800\\ud800\\udc00",
            "\x7f",
            "\t",
        ]
    ),
    max_size=5,
).map(lambda parts: '"' + "".join(parts) + '"')
NESTED = st.builds(
    lambda depth, kind, inner: kind[0] * depth + inner + kind[1] * depth,
    st.sampled_from([1, 3, 1000, 1023, 1024, 1025, 5000]),
    st.sampled_from(["[]", ('{"a":', "}")]),
    st.one_of(NUMBERS, STRINGS, st.just("null"), st.just("")),
)
FUZZ = st.one_of(
    NUMBERS, STRINGS, NESTED, st.text('{}[]:,"\\ 0e-.1unlltrue\n', max_size=30),
    st.builds("{{{}: {}}}".format, STRINGS, NUMBERS),
)  # fmt: skip


def accepted_payloads_cast(loader: Loader, texts: list[str]) -> None:
    wrong, nul = json_faults(pa.array(texts, pa.string()))
    taken = [t for t, w, n in zip(texts, wrong, nul, strict=True) if not (w or n)]
    with loader.connection.cursor() as cursor:
        cursor.execute("select count(x::jsonb) from unnest(%s::text[]) as x", (taken,))
        assert cursor.fetchone()[0] == len(taken)


def few_and_many(check: Property, strategy: st.SearchStrategy[Any], few: int, many: int) -> Any:
    """The same property twice: with few examples, and with many in `make campaign`."""

    def make(count: int) -> Property:
        @examples(count)
        @given(drawn=strategy)
        def test(loader: Loader, drawn: Any) -> None:
            check(loader, drawn)

        return test

    return make(few), pytest.mark.campaign(make(many))


test_csv_and_parquet_give_the_same_table, test_csv_and_parquet_campaign = few_and_many(
    both_formats_agree, st.lists(ROW, min_size=1, max_size=25), 4, 40
)
test_table_is_the_reference_after_any_runs, test_table_is_the_reference_campaign = few_and_many(
    any_split_gives_the_same_table, st.data(), 3, 40
)
test_arrival_does_not_matter, test_arrival_does_not_matter_campaign = few_and_many(
    arrival_does_not_matter, st.data(), 1, 15
)
test_accepted_payloads_cast_to_jsonb, test_accepted_payloads_cast_campaign = few_and_many(
    accepted_payloads_cast, st.lists(FUZZ, max_size=30), 60, 1500
)


@examples(200)
@given(rows=st.lists(ROW, min_size=1, max_size=25))
def test_every_row_of_a_csv_file_is_loaded_or_rejected_once(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row]
) -> None:
    from tests.load.checking import read

    path = tmp_path_factory.getbasetemp() / "property.csv"
    path.write_bytes(csv_bytes([event(f"e{i}", **row) for i, row in enumerate(rows)]))
    valid, rejected = read(path)
    numbers = sorted(row["_source_row"] for row in [*valid, *rejected])
    assert numbers == list(range(1, len(rows) + 1))
