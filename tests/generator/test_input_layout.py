"""Names, columns, sizes: what a reader of the folder relies on."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from generator import Settings, generate
from generator.delivery_columns import COLUMNS
from tests.generator.conftest import Deliver, Delivery


def test_files_have_their_exact_names(usual: Delivery) -> None:
    names = {path.relative_to(usual.folder).as_posix() for path in usual.folder.rglob("*.*")}
    assert names == {
        "country_and_industry/industry and country.csv",
        *(f"events/csv/events-company-{n}.csv" for n in range(1, 6)),
        *(f"events/parquet/events-company-{n}.parquet" for n in range(6, 11)),
    }


def test_columns_are_in_order_with_user_id_second_where_it_is(usual: Delivery) -> None:
    with_user = ["EVENT_ID", "USER_ID", *COLUMNS[1:]]
    for number, rows in usual.rows.items():
        expected = list(COLUMNS) if number in (4, 8) else with_user
        assert list(rows[0]) == expected, number


def test_parquet_types(usual: Delivery) -> None:
    schema = pq.read_schema(usual.files[6])
    special = {"RATE": pa.float64(), "COUNT": pa.int64(), "EXPERIMENT": pa.float64()}
    assert {f.name: f.type for f in schema} == {
        name: special.get(name, pa.string()) for name in schema.names
    }


def test_each_company_has_its_rows_and_the_folder_its_size(usual: Delivery) -> None:
    assert all(2000 <= len(rows) <= 3000 for rows in usual.rows.values())
    size = sum(path.stat().st_size for path in usual.folder.rglob("*.*"))
    assert 12_000_000 < size < 25_000_000


def test_payloads_are_about_a_kilobyte(usual: Delivery) -> None:
    sizes = [len(row["PARAMETERS"]) for row in usual.all_rows if row["PARAMETERS"]]
    assert 900 < sum(sizes) / len(sizes) < 1300
    assert 30_000 < max(sizes) <= 35_000


@pytest.mark.parametrize(
    ("payload", "low", "high"), [("small", 300, 500), ("realistic", 3500, 4700)]
)
def test_other_payload_sizes(deliver: Deliver, payload: str, low: float, high: float) -> None:
    made = deliver(payload=payload, events_per_company=1000)
    sizes = [len(row["PARAMETERS"]) for row in made.all_rows if row["PARAMETERS"]]
    assert low < sum(sizes) / len(sizes) < high
    assert (max(sizes) > 30_000) is (payload == "realistic")


def test_ids_are_unique_and_each_file_holds_one_company(usual: Delivery) -> None:
    ids = [row["EVENT_ID"] for row in usual.all_rows]
    assert len(set(ids)) == len(ids)
    for company in usual.truth.companies:
        assert {row["APIKEY"] for row in usual.rows[company.number]} == {company.company_id}


def test_company_file_has_crlf_and_forty_companies_of_which_nine_have_events(
    usual: Delivery,
) -> None:
    path = usual.folder / "country_and_industry/industry and country.csv"
    text = path.read_bytes()
    assert text.count(b"\r\n") == text.count(b"\n") == 41
    rows = list(csv.DictReader(text.decode().splitlines()))
    keys = {row["PUBLIC_API_KEY"] for row in rows}
    events = {company.company_id for company in usual.truth.companies}
    assert len(keys) == 40 and len(keys & events) == 9
    assert [c.number for c in usual.truth.companies if not c.in_company_file] == [5]
    assert 5 <= sum(row["HQ_COUNTRY"] == "" for row in rows) <= 9


def test_pyarrow_and_duckdb_read_the_same_csv(usual: Delivery) -> None:
    options = pacsv.ParseOptions(newlines_in_values=True)
    for number in range(1, 6):
        path = usual.files[number]
        table = pacsv.read_csv(path, parse_options=options)
        query = "select count(*) from read_csv(?, all_varchar=true, quote='\"', escape='\"')"
        assert duckdb.execute(query, [str(path)]).fetchone() == (table.num_rows,)
        assert table.num_rows == len(usual.rows[number])


def test_files_of_another_run_are_not_left_beside_new_ones(tmp_path: Path) -> None:
    small: dict[str, Any] = {"events_per_company": 20, "payload": "none"}
    generate(Settings(companies=2, **small), tmp_path)
    with pytest.raises(FileExistsError, match="events-company-2.parquet"):
        generate(Settings(companies=1, **small), tmp_path)


@pytest.mark.parametrize("option", [{"payload": "huge"}, {"companies": 0}, {"seed": -1}])
def test_senseless_settings_are_refused_by_name(option: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(option))):
        Settings(**option)
