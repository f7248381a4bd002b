"""The company file: country_and_industry/industry and country.csv, with CRLF line ends."""

from __future__ import annotations

from pathlib import Path

from .companies import Company
from .public_names import HEADQUARTERS, INDUSTRIES
from .randomness import generator, uuid_text
from .settings import Settings

NAME = "country_and_industry/industry and country.csv"
HEADER = "PUBLIC_API_KEY,INDUSTRY_BACK,INDUSTRY_FRONT,HQ_COUNTRY"
EXTRA_COMPANIES = 31
# The company that has events but is not in the file, so that `Unknown` occurs.
MISSING = 5
# Industries of the first ten: four in media and three in retail, so that an industry has peers.
_FIRST = (0, 1, 2, 0, 0, 0, 1, 1, 0, 3)


def is_listed(number: int) -> bool:
    """Whether the company file lists this company."""
    return number != MISSING


def write_directory(settings: Settings, companies: list[Company], output: Path) -> None:
    """Write 31 companies without events, mixed with all but one of those with events."""
    rng = generator(settings.seed, "directory")
    listed = [company for company in companies if is_listed(company.number)]
    rows = [(company.key, *_facts(company.number, *rng.random(2))) for company in listed]
    rows += [(uuid_text(rng), *_facts(11 + i, *rng.random(2))) for i in range(EXTRA_COMPANIES)]
    order = sorted(range(len(rows)), key=rng.random(len(rows)).__getitem__)
    path = output / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [HEADER, *(",".join(rows[i]) for i in order)]
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode())


def _facts(number: int, of_industry: float, of_country: float) -> tuple[str, str, str]:
    """Return industries and headquarters; one in six companies has no headquarters."""
    index = _FIRST[number - 1] if number <= len(_FIRST) else int(of_industry * len(INDUSTRIES))
    country = "" if number % 6 == 2 else HEADQUARTERS[int(of_country * len(HEADQUARTERS))]
    return (*INDUSTRIES[index], country)
