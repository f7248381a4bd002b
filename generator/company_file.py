"""The company file: country_and_industry/industry and country.csv, with CRLF line ends."""

from __future__ import annotations

from pathlib import Path

from .companies import Company
from .public_names import HEADQUARTERS, INDUSTRIES, industry
from .randomness import generator, uuid_text
from .settings import Settings

NAME = "country_and_industry/industry and country.csv"
HEADER = "PUBLIC_API_KEY,INDUSTRY_BACK,INDUSTRY_FRONT,HQ_COUNTRY"
EXTRA_COMPANIES = 31
# The company that has events but is not in the file, so that `Unknown` occurs.
MISSING = 5


def is_listed(number: int) -> bool:
    """Whether the company file lists this company."""
    return number != MISSING


def write_directory(settings: Settings, companies: list[Company], output: Path) -> None:
    """Write 31 companies without events, mixed with all but one of those with events."""
    rng = generator(settings.seed, "directory")
    listed = [company for company in companies if is_listed(company.number)]
    # Of two draws for a company the first is not used: its industry follows from its number.
    rows = [(c.key, *_facts(c.number, industry(c.number), rng.random(2)[1])) for c in listed]
    rows += [
        (uuid_text(rng), *_facts(11 + i, int(rng.random() * len(INDUSTRIES)), rng.random()))
        for i in range(EXTRA_COMPANIES)
    ]
    order = sorted(range(len(rows)), key=rng.random(len(rows)).__getitem__)
    path = output / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [HEADER, *(",".join(rows[i]) for i in order)]
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode())


def _facts(number: int, in_industry: int, of_country: float) -> tuple[str, str, str]:
    """Return industries and headquarters; one in six companies has no headquarters."""
    country = "" if number % 6 == 2 else HEADQUARTERS[int(of_country * len(HEADQUARTERS))]
    return (*INDUSTRIES[in_industry][:2], country)
