"""Deliveries that people reported as trouble elsewhere, all of them in one folder.

Each form has its own company, with the same six events: two notices, two choices, two page views.
One load takes them all in; one build makes the marts, in a database whose zone is not UTC.
"""

import csv
import gzip
import io
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from sandbox.warehouse import Warehouse
from tests.load.conftest import Loader
from tests.load.deliveries import COMPANY, Folder, Row, csv_bytes, event, parquet_table

LISTS = {"purposes": ["cookies", "market_research"], "vendors": [1, "google"]}
ASKED = {"position": "popup", **LISTS}
GIVEN = {
    "action": "click",
    "created": "2025-09-05T01:00:10.000Z",
    **{name: {"enabled": listed, "disabled": []} for name, listed in LISTS.items()},
}


def six(company: str, given: Row = GIVEN, **values: Any) -> list[Row]:
    """The six events of a company."""
    kinds = [("consent.asked", ASKED), ("consent.given", given), ("pageview", None)] * 2
    return [
        event(
            f"{company}-{number}",
            TYPE=kind,
            PARAMETERS=payload and json.dumps(payload),
            EVENT_TIME=f"2025-09-05 01:00:{10 + 3 * number}.602",
            APIKEY=company,
            CONSENT="empty" if kind == "consent.asked" else "full opt-in",
            **{"RATE": "0.1", "COUNT": "10"} if kind == "pageview" else {"RATE": "1", "COUNT": "1"},
            COUNTRY='"FR"',
        )
        | values
        for number, (kind, payload) in enumerate(kinds)
    ]


def separated(rows: list[Row], separator: str) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator)
    writer.writerows([list(rows[0]), *(row.values() for row in rows)])
    return text.getvalue().encode()


def with_nothing(rows: list[Row], word: str) -> bytes:
    """Null is a word, as Snowflake and Postgres unload it."""
    return csv_bytes([{name: word if v is None else v for name, v in row.items()} for row in rows])


def indexed(rows: list[Row]) -> bytes:
    return csv_bytes([{"": number, **row} for number, row in enumerate(rows)])


def encoded_twice(rows: list[Row]) -> bytes:
    return csv_bytes(
        [row | {"PARAMETERS": row["PARAMETERS"] and json.dumps(row["PARAMETERS"])} for row in rows]
    )


def written(form: Callable[[list[Row]], bytes], name: str) -> Callable[[Folder, str], Any]:
    return lambda folder, company: folder.write(name, form(six(company)))


def cast(**types: pa.DataType) -> Callable[[Folder, str], Any]:
    """Parquet with other types."""

    def write(folder: Folder, company: str) -> None:
        table = parquet_table(six(company))
        for name, type_ in types.items():
            column = table.column(name)
            if pa.types.is_decimal(type_):
                column = pa.chunked_array([[Decimal(str(v)) for v in column.to_pylist()]], type_)
            elif isinstance(type_, pa.JsonType):
                column = pa.chunked_array([pa.ExtensionArray.from_storage(type_, column.chunk(0))])
            elif pa.types.is_list(type_):
                column = pa.chunked_array([[["a", "b"]] * len(column)], type_)
            else:
                column = column.cast(type_)
            table = table.set_column(table.schema.get_field_index(name), name, column)
        folder.parquet(company, table)

    return write


def spark(folder: Folder, company: str) -> None:
    rows = six(company)
    for number, part in enumerate((rows[:2], rows[2:])):
        path = folder.parquet(f"spark.parquet/part-{number}", part)
        path.rename(path.with_suffix(""))
    folder.write("events/parquet/spark.parquet/_SUCCESS", b"")
    folder.write("events/parquet/spark.parquet/.part-0.crc", b"crc")


def spellings(folder: Folder, company: str) -> None:
    keys = (company, company.upper(), company.replace("-", ""), f"{{{company}}}", f" {company} ")
    rows = six(company)
    for row, key in zip(rows, (*keys, company), strict=True):
        row["APIKEY"] = key
    folder.csv("spellings", rows)


def without_zone(folder: Folder, company: str) -> None:
    given = GIVEN | {"created": "2025-09-05T01:00:10"}
    folder.csv("without zone", six(company, given))


def infinite(folder: Folder, company: str) -> None:
    folder.csv("infinite", six(company, GIVEN | {"created": "infinity"}))


def other_countries(folder: Folder, company: str) -> None:
    countries = ["UK", "FRA", "XX", "T1", "EU", "(not set)"]
    rows = [row | {"COUNTRY": c} for row, c in zip(six(company), countries, strict=True)]
    folder.csv("other countries", rows)


FORMS: dict[str, Callable[[Folder, str], Any]] = {
    "gzip": written(lambda rows: gzip.compress(csv_bytes(rows)), "events/csv/a.csv.gz"),
    "without folder": written(csv_bytes, "b.csv"),
    "Parquet among CSV": lambda f, c: f.parquet("c", six(c)).rename(f.root / "events/csv/c.csv"),
    "short offset": lambda f, c: f.csv(
        "d", [r | {"EVENT_TIME": f"{r['EVENT_TIME'][:-4]}+00"} for r in six(c)]
    ),
    "lower case": written(
        lambda rows: csv_bytes([{n.lower(): v for n, v in row.items()} for row in rows]), "e.csv"
    ),
    "pandas' index": written(indexed, "f.csv"),
    "semicolons": written(lambda rows: separated(rows, ";"), "g.csv"),
    "JSON null": written(lambda rows: with_nothing(rows, "null"), "h.csv"),
    "backslash N": written(lambda rows: with_nothing(rows, "\\N"), "i.csv"),
    "encoded twice": written(encoded_twice, "j.csv"),
    "JSON type": cast(PARAMETERS=pa.json_()),
    "decimals": cast(RATE=pa.decimal128(38, 18)),
    "binary": cast(EVENT_ID=pa.binary(), DOMAIN=pa.binary(), EVENT_TIME=pa.binary()),
    "lists": cast(EXPERIMENT=pa.list_(pa.string())),
    "NaN count": lambda f, c: f.parquet(
        "k",
        parquet_table(
            six(c) + six(c, EVENT_ID="rejected", COUNT="nan")[:1], {"COUNT": pa.string()}
        ),
    ),
    "Spark": spark,
    "spellings": spellings,
    "long domain": lambda f, c: f.csv("l", six(c, DOMAIN="x" * 4_000)),
    "beyond Latin 1": lambda f, c: f.csv("m", six(c, DOMAIN="日本.example")),
    "without zone": without_zone,
    "infinite": infinite,
    "other countries": other_countries,
}
COMPANIES = {form: f"0a000000-0000-4000-8000-{n:012}" for n, form in enumerate(FORMS)}


def deliver(folder: Folder) -> None:
    for form, write in FORMS.items():
        write(folder, COMPANIES[form])
    companies = [
        COMPANY | {"PUBLIC_API_KEY": key, "HQ_COUNTRY": "France"} for key in COMPANIES.values()
    ]
    companies.append(
        companies[0] | {"PUBLIC_API_KEY": f"{companies[0]['PUBLIC_API_KEY'].upper()} "}
    )
    folder.write("companies.txt", separated(companies, ";"))


def test_all_of_them_load(loader: Loader) -> None:
    deliver(loader.input)
    said = loader.load().text
    assert loader.quarantine() == [
        ("events/parquet/k.parquet", 7, "COUNT is not a whole number"),
    ]
    expected = {
        (number, form): (kind, 0.1 if kind == "pageview" else 1.0)
        for form in FORMS
        for number, kind in enumerate(["consent.asked", "consent.given", "pageview"] * 2)
    }
    rows = loader.sql(
        "select right(event_id, 1)::int, apikey, type, rate, extract(second from event_time)::int,"
        " parameters::jsonb -> 'purposes' is null from events"
    )
    forms = {key: form for form, key in COMPANIES.items()}
    assert {(number, forms[key]): (kind, rate) for number, key, kind, rate, *_ in rows} == expected
    assert len(rows) == len(expected)
    assert all(second in (10 + 3 * number, 11 + 3 * number) for number, *_, second, _ in rows)
    assert all(no_lists == (kind == "pageview") for _, _, kind, _, _, no_lists in rows)
    assert len(loader.column("select public_api_key from companies")) == len(FORMS)
    assert "separated by semicolons" in said and "column 1 has no name and is left out" in said
    experiments = "select distinct experiment from events order by 1"
    assert loader.column(experiments) == ['["a","b"]', None]
    words = "select count(*) from events where region in ('null', '\\N') or parameters = '\\N'"
    assert loader.value(words) == 0


@pytest.mark.slow
def test_the_models_build(new_warehouse: Callable[[], Warehouse], loader: Loader) -> None:
    made = new_warehouse()
    made.execute(f"alter database {made.address.database} set timezone = 'America/New_York'")
    deliver(loader.input)
    made.load(loader.input.root)
    made.dbt("--quiet", "build", "--exclude-resource-type", "unit_test")
    key = {form: COMPANIES[form] for form in FORMS}
    counts = dict(made.rows("select company_id, country_count from marts.company_overview"))
    assert counts.pop("all") == 2
    assert counts.pop(key["other countries"]) == 2 and set(counts.values()) == {1}
    created = made.rows(
        "select company_id, count(distinct token_created_at), min(token_created_at at time zone"
        " 'UTC')::text from marts.fct_events where event_type = 'consent.given' group by 1"
    )
    tokens = {company: (number, first) for company, number, first in created}
    assert tokens.pop(key["infinite"]) == (0, None)
    assert set(tokens.values()) == {(1, "2025-09-05 01:00:10")}
    listed = "select sum(purposes_enabled_count) from marts.fct_events group by company_id"
    assert set(made.rows(listed)) == {(4,)}
    arms = made.rows("select distinct company_id from marts.experiment_arms")
    assert arms in ([], [(key["lists"],)])
    checks = "('country that is not in ISO 3166', 'payload encoded twice')"
    assert made.rows(
        "select company_id, most_frequent_values from marts.data_quality"
        " where most_frequent_values is not null"
    ) == [(key["other countries"], "(NOT SET) (1), EU (1), T1 (1), XX (1)")]
    quality = made.rows(
        "select company_id, check_name, rows_affected from marts.data_quality"
        f" where rows_affected > 0 and check_name in {checks}"
    )
    assert sorted(quality) == [
        (key["encoded twice"], "payload encoded twice", 4),
        (key["other countries"], "country that is not in ISO 3166", 4),
    ]
