"""The company file."""

from tests.load.conftest import Loader
from tests.load.deliveries import COMPANY, csv_bytes

KEY = "PUBLIC_API_KEY"


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
