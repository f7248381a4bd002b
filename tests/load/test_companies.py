"""The company file."""

import pytest

from tests.load.conftest import Loader
from tests.load.deliveries import COMPANY, csv_bytes, events

KEY = "PUBLIC_API_KEY"


@pytest.fixture(autouse=True)
def with_events(loader: Loader) -> None:
    """Without an event file, a load ends with exit code 1."""
    loader.input.csv("events", events("e1"))


def test_crlf_and_empty_country(loader: Loader) -> None:
    content = csv_bytes([COMPANY, COMPANY | {KEY: "c2", "HQ_COUNTRY": "NA"}])
    path = "country_and_industry/industry and country.csv"
    loader.input.write(path, content.replace(b"\n", b"\r\n"))
    loader.load()
    assert loader.sql("select public_api_key, hq_country from companies order by 1") == [
        ("c2", "NA"),
        ("company-1", None),
    ]


def test_company_given_twice_has_its_last_row(loader: Loader) -> None:
    loader.input.companies([COMPANY, COMPANY | {"HQ_COUNTRY": "FR"}])
    loader.load()
    assert loader.column("select hq_country from companies") == ["FR"]


def test_changed_company_is_replaced_and_others_keep_their_load(loader: Loader) -> None:
    loader.input.companies([COMPANY, COMPANY | {KEY: "c2"}])
    loader.load()
    loads = dict(loader.sql("select public_api_key, _dlt_load_id from companies"))
    loader.input.companies([COMPANY | {"HQ_COUNTRY": "ES"}, COMPANY | {KEY: "c2"}])
    loader.load()
    after = dict(loader.sql("select public_api_key, _dlt_load_id from companies"))
    assert after["c2"] == loads["c2"] and after["company-1"] > loads["company-1"]


def test_several_company_files(loader: Loader) -> None:
    for name, country in (("a", "ES"), ("b", "FR")):
        content = csv_bytes([COMPANY | {"HQ_COUNTRY": country}])
        loader.input.write(f"country_and_industry/{name}.csv", content, day=1)
    loader.load()
    assert loader.column("select hq_country from companies") == ["FR"]


def test_the_lists_are_those_of_the_newest_contents(loader: Loader) -> None:
    listed = "select path, public_api_key from company_lists order by 1, 2"
    a, b = "country_and_industry/a.csv", "country_and_industry/b.csv"
    both = csv_bytes([COMPANY | {KEY: "c1"}, COMPANY | {KEY: "c2"}])
    loader.input.write(a, both, day=1)
    loader.input.write(b, csv_bytes([COMPANY | {KEY: "c1"}]), day=2)
    loader.load()
    assert loader.sql(listed) == [(a, "c1"), (a, "c2"), (b, "c1")]

    loader.input.write(a, csv_bytes([COMPANY | {KEY: "c3"}, COMPANY | {KEY: "c3"}]), day=3)
    loader.load()
    assert loader.sql(listed) == [(a, "c3"), (b, "c1")]
    assert loader.column("select public_api_key from companies order by 1") == ["c1", "c2", "c3"]

    loader.input.write(a, b"PUBLIC_API_KEY\n", day=4)  # refused: the other columns are missing
    assert loader.run().code == 1
    assert loader.sql(listed) == [(a, "c3"), (b, "c1")]
