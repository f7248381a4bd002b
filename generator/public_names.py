"""Public names in the simulated world: countries, browsers, industries, purposes."""

from __future__ import annotations

# ISO 3166-2 codes (without the country) of countries that are often a company's home.
REGIONS: dict[str, tuple[str, ...]] = {
    "FR": ("IDF", "ARA", "PAC", "OCC", "NAQ", "HDF", "BRE"),
    "ES": ("MD", "CT", "AN", "VC", "CM", "GA"),
    "DE": ("BY", "NW", "BW", "BE", "HE", "HH"),
    "GB": ("ENG", "SCT", "WLS", "NIR"),
    "IT": ("25", "62", "21", "72"),
    "BE": ("BRU", "VLG", "WAL"),
    "CA": ("ON", "QC", "BC", "AB", "NS"),
    "US": ("CA", "NY", "TX", "FL", "WA"),
    "NL": ("NH", "ZH", "UT"),
    "CH": ("ZH", "GE", "VD"),
}
_COUNTRY_CODES = """
FR ES DE GB IT BE CA US NL CH PT PL IE AT SE NO DK FI LU GR CZ HU RO BG HR SI SK EE LV LT MT CY
IS LI AL AD AE AF AM AO AR AU AZ BA BB BD BF BH BI BJ BO BR BS BW BY CD CF CG CI CL CM CN CO CR
CU CV DJ DO DZ EC EG ET GA GE GF GH GI GN GP GT HK HN HT ID IL IN IQ IR JM JO JP KE KG KH KR KW
KZ LA LB LK LY MA MC MD ME MG MK ML MM MQ MR MU MX MY MZ NA NC NE NG NI NP NZ OM PA PE PF PH PK
PS PY QA RE RS RU RW SA SC SD SG SN SV SY TD TG TH TN TR TT TW TZ UA UG UY UZ VE VN YT ZA ZM ZW
"""
COUNTRIES = tuple(_COUNTRY_CODES.split())

# (BROWSER_FAMILY, DEVICE_TYPE, weight); None is an empty cell.
Client = tuple[str | None, str | None, float]
WEB_CLIENTS: tuple[Client, ...] = (
    ("Chrome Mobile", "smartphone", 32.0),
    ("Mobile Safari", "smartphone", 27.0),
    ("Chrome", "desktop", 19.0),
    ("Chrome Mobile iOS", "smartphone", 4.0),
    ("Safari", "desktop", 4.0),
    ("Facebook", "smartphone", 3.5),
    ("Samsung Browser", "smartphone", 3.0),
    ("Firefox", "desktop", 2.0),
    ("Microsoft Edge", "desktop", 1.5),
    ("Chrome", "tablet", 1.0),
    ("Mobile Safari", "tablet", 1.0),
    ("Chrome Mobile", "phablet", 0.5),
    ("Headless Chrome", "desktop", 0.5),
    ("Microsoft Edge", None, 0.4),
    (None, None, 0.3),
    ("Opera", "desktop", 0.2),
    ("Samsung Browser", "television", 0.2),
)
MOBILE_CLIENTS: tuple[Client, ...] = (
    ("Didomi SDK", "smartphone", 90.0),
    ("Mobile Safari", "tablet", 6.0),
    ("Android Browser", "tablet", 3.0),
    ("Didomi SDK", "television", 0.6),
    ("Didomi SDK", None, 0.4),
)

# (INDUSTRY_BACK, INDUSTRY_FRONT, how the domains of its companies begin)
INDUSTRIES: tuple[tuple[str, str, str], ...] = (
    ("Media & Publishers", "Media & Publishers", "news"),
    ("Retail / E-commerce", "Retail", "shop"),
    ("Gaming / Sport", "Sport", "sport"),
    ("Services", "Services", "help"),
    ("Travel / Tourism / Transport", "Travel", "travel"),
    ("High Tech / Telecom", "Telecom", "telecom"),
    ("Finance / Insurance", "Insurance", "insurance"),
    ("Food / Beverage / Consumer Staples", "Food", "food"),
    ("Public Sector / Charity / Education", "Charity", "charity"),
    ("Health / Pharma", "Health", "health"),
)
# Industries of the first ten: four in media and three in retail, so that an industry has peers.
_FIRST_INDUSTRIES = (0, 1, 2, 0, 0, 0, 1, 1, 0, 3)
HEADQUARTERS = ("France", "Spain", "Germany", "Belgium", "Italy", "United Kingdom", "Canada")

PURPOSES: tuple[str, ...] = (
    "cookies",
    "select_basic_ads",
    "create_ads_profile",
    "select_personalized_ads",
    "create_content_profile",
    "select_personalized_content",
    "measure_ad_performance",
    "measure_content_performance",
    "market_research",
    "improve_products",
    "use_limited_data_to_select_content",
)
SPECIAL_FEATURES = ("geolocation_data", "device_characteristics")
# Purposes that may rest on legitimate interest under TCF 2.2 (2 and 7 to 11).
LI_PURPOSES = ("select_basic_ads", *PURPOSES[6:])
NAMED_VENDORS = ("google", "facebook", "amazon", "twitter", "microsoft", "salesforce")
CUSTOM_PURPOSES = (
    "newsletter",
    "audiencest",
    "abtesting",
    "chatsuppor",
    "socialmedi",
    "fraudcheck",
)
CUSTOM_VENDORS = ("shopstats", "heatmapper", "mailsender", "chatwidge", "videohost", "tagrouter")


def industry(number: int) -> int:
    """The place in `INDUSTRIES` of company `number` (from 1); after the tenth they take turns."""
    if number <= len(_FIRST_INDUSTRIES):
        return _FIRST_INDUSTRIES[number - 1]
    return number % len(INDUSTRIES)
