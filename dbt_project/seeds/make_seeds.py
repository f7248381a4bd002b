"""Writes countries.csv and iab_purposes.csv beside itself: Babel (CLDR), IAB TCF 2.2 -> seeds.

Run: python dbt_project/seeds/make_seeds.py [--vendor-list FILE | --prebid FOLDER]
iab_vendors.csv too, from a copy of IAB's Global Vendor List, which no package registry carries; or
from `metadata/modules` of the npm package prebid.js (Apache-2.0), which knows the IAB's ids of the
vendors that it has adapters for, by the names of these.
"""

import argparse
import csv
import json
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from babel import Locale

HERE = Path(__file__).parent
NOT_A_COUNTRY = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
"""Two-letter codes of CLDR for groups of countries, pseudo-locales and the unknown."""

EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EU_WITH_CODES_OF_THEIR_OWN = "AX GF GP MF MQ RE YT"
EEA_BESIDES_EU = "IS LI NO"
UK_AND_SWITZERLAND = "GB CH"
TCF_REGION = set(
    " ".join((EU, EU_WITH_CODES_OF_THEIR_OWN, EEA_BESIDES_EU, UK_AND_SWITZERLAND)).split()
)

PURPOSES = (
    ("cookies", "Store and/or access information on a device"),
    ("select_basic_ads", "Use limited data to select advertising"),
    ("create_ads_profile", "Create profiles for personalised advertising"),
    ("select_personalized_ads", "Use profiles to select personalised advertising"),
    ("create_content_profile", "Create profiles to personalise content"),
    ("select_personalized_content", "Use profiles to select personalised content"),
    ("measure_ad_performance", "Measure advertising performance"),
    ("measure_content_performance", "Measure content performance"),
    ("market_research", "Understand audiences through statistics or combinations of data"),
    ("improve_products", "Develop and improve services"),
    ("use_limited_data_to_select_content", "Use limited data to select content"),
)
"""Didomi's name and IAB's label, in the order of the TCF ids 1 to 11."""

CONSENT_ONLY = {1, 3, 4, 5, 6}
"""Purposes for which TCF 2.2 knows no legitimate interest."""

SPECIAL_FEATURES = (
    ("geolocation_data", "Use precise geolocation data"),
    ("device_characteristics", "Actively scan device characteristics for identification"),
)

log = logging.getLogger(__name__)


def countries() -> list[tuple[str, str, bool]]:
    """Rows of code, English name, whether in the EEA, the UK or Switzerland; sorted by code."""
    names = {str(code): str(name) for code, name in Locale("en").territories.items()}
    codes = sorted(code for code in names if len(code) == 2 and code not in NOT_A_COUNTRY)
    return [(code, names[code], code in TCF_REGION) for code in codes]


def purposes() -> list[tuple[str, str, int, str, bool]]:
    """Rows of Didomi's name, kind, TCF id, label, whether consent is the only legal basis."""
    rows = [
        (name, "purpose", number, label, number in CONSENT_ONLY)
        for number, (name, label) in enumerate(PURPOSES, start=1)
    ]
    features = enumerate(SPECIAL_FEATURES, start=1)
    return rows + [(name, "special feature", n, label, True) for n, (name, label) in features]


def vendors(vendor_list: Path) -> list[tuple[int, str]]:
    """Rows of id and name from a copy of IAB's list (`vendors`: id -> {id, name}), sorted by id."""
    listed = json.loads(vendor_list.read_text(encoding="utf-8"))["vendors"].values()
    return sorted((int(vendor["id"]), vendor["name"].strip()) for vendor in listed)


def prebid_vendors(modules: Path) -> list[tuple[int, str]]:
    """Rows of id and names in Prebid, sorted by id: of its bidders, else of its other modules."""
    names: dict[int, dict[bool, set[str]]] = {}
    for file in modules.glob("*.json"):
        for component in json.loads(file.read_text(encoding="utf-8"))["components"]:
            if isinstance(vendor := component.get("gvlid"), int) and not component.get("aliasOf"):
                kinds = names.setdefault(vendor, {True: set(), False: set()})
                kinds[component["componentType"] == "bidder"].add(component["componentName"])
    return sorted((v, ", ".join(sorted(kinds[True] or kinds[False]))) for v, kinds in names.items())


def write(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write one seed, booleans as dbt reads them."""
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([str(v).lower() if isinstance(v, bool) else v for v in r] for r in rows)
    log.info("wrote %s", name)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description="Write the seeds.")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--vendor-list", type=Path, help="a copy of IAB's vendor-list.json")
    source.add_argument("--prebid", type=Path, help="metadata/modules of npm's prebid.js")
    options = parser.parse_args()
    write("countries.csv", ("country_code", "country_name", "is_eea_uk_ch"), countries())
    write(
        "iab_purposes.csv",
        ("purpose_name", "tcf_kind", "tcf_id", "label", "needs_consent_only"),
        purposes(),
    )
    if options.vendor_list:
        write("iab_vendors.csv", ("tcf_id", "vendor_name"), vendors(options.vendor_list))
    if options.prebid:
        write("iab_vendors.csv", ("tcf_id", "vendor_name"), prebid_vendors(options.prebid))
