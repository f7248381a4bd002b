"""Settings -> companies -> blocks of users -> kept rows -> files, and the truth about them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

from .companies import Company, make_company
from .company_file import is_listed, write_directory
from .delivery_columns import Renderer, columns
from .event_files import CsvFile, EventFile, ParquetFile
from .events import Events, concat, deliver, keep_events
from .people import draw_users, rows_per_user
from .randomness import generator
from .settings import Settings
from .tally import Tally
from .truth import CompanyTruth, Truth, company_truth

BLOCK_USERS = 8192
REPEATED_IN_FILE, REPEATED_ACROSS = 5, 3
# A capped delivery is full after about this share of its hour.
CAPPED_AFTER = 0.93

logger = logging.getLogger(__name__)


def generate(settings: Settings, output_dir: Path | str) -> Truth:
    """Write one delivery (company file and events) under `output_dir`; return the truth about it.

    Raises FileExistsError where the folder holds event files that this run would not overwrite.
    """
    output = Path(output_dir)
    companies = [make_company(settings, number) for number in range(1, settings.companies + 1)]
    files = _plan(settings, companies)
    _refuse_leftovers(output, [path for path, _ in files])
    write_directory(settings, companies, output)
    truths: list[CompanyTruth] = []
    before: tuple[Company, Events] | None = None
    for path, members in files:
        before = _write_file(settings, output / path, path, members, before, truths)
    return Truth(settings=asdict(settings), companies=truths)


def _plan(settings: Settings, companies: list[Company]) -> list[tuple[str, list[Company]]]:
    """Return relative paths with their companies: the first half CSV, the rest Parquet."""
    size = settings.companies_per_file
    groups = [companies[i : i + size] for i in range(0, len(companies), size)]
    csv_files = {"csv": len(groups), "parquet": 0, "both": (len(groups) + 1) // 2}[settings.formats]
    plan = []
    for number, group in enumerate(groups, start=1):
        kind = "csv" if number <= csv_files else "parquet"
        plan.append((f"events/{kind}/events-company-{number}.{kind}", group))
    return plan


def _refuse_leftovers(output: Path, paths: list[str]) -> None:
    """Raise FileExistsError where event files of another run would remain in the folder."""
    found = {
        path.relative_to(output).as_posix() for path in output.glob("events/*/events-company-*")
    }
    left = sorted(found - set(paths))
    if left:
        raise FileExistsError(f"{output} holds event files of another run: {', '.join(left[:5])}")


def _write_file(
    settings: Settings,
    path: Path,
    name: str,
    members: list[Company],
    before: tuple[Company, Events] | None,
    truths: list[CompanyTruth],
) -> tuple[Company, Events] | None:
    """Write one event file; return the rows of it that the next file may repeat."""
    path.parent.mkdir(parents=True, exist_ok=True)
    csv, names = path.suffix == ".csv", columns(members[0].profile.user_id)
    file: EventFile = CsvFile(path, names) if csv else ParquetFile(path, names, settings.experiment)
    first: tuple[Company, Events] | None = None
    for company in members:
        tally = Tally(company)
        render = Renderer(company, settings, csv)
        for chunk in _chunks(_blocks(company, settings, tally), settings.chunk_rows):
            file.write(render(chunk))
            first = first or (company, chunk.take(slice(0, REPEATED_IN_FILE)))
        truths.append(company_truth(company, settings, tally, name, is_listed(company.number)))
        logger.info("%s: company %s, %s rows", name, company.number, f"{tally.rows.sum():,}")
    if settings.duplicates:
        _write_duplicates(settings, file, csv, first, before)
    file.close()
    return first


def _write_duplicates(
    settings: Settings,
    file: EventFile,
    csv: bool,
    first: tuple[Company, Events] | None,
    before: tuple[Company, Events] | None,
) -> None:
    """Repeat some rows of this file and some of the previous file."""
    for source, size in ((first, REPEATED_IN_FILE), (before, REPEATED_ACROSS)):
        if source is not None:
            company, events = source
            file.write(Renderer(company, settings, csv)(events.take(slice(0, size))))


def _blocks(company: Company, settings: Settings, tally: Tally) -> Iterator[Events]:
    """Yield the kept rows of each block of users, and count the blocks in `tally`."""
    total = max(1, round(company.rows / rows_per_user(company)))
    size = min(BLOCK_USERS, total)
    stretch = CAPPED_AFTER if company.profile.capped else 1.0
    number = done = 0
    while (done < total) if company.cap is None else (tally.rows.sum() < company.cap):
        if company.cap is None:
            size = min(BLOCK_USERS, total - done)
        rng = generator(settings.seed, "block", company.number, number)
        shares = np.minimum(1.0, (done + np.arange(size) + rng.random(size)) / total * stretch)
        users = draw_users(company, settings, rng, shares)
        kept, upto = keep_events(company, settings, users, rng), size
        if company.cap is not None and len(kept.owner) >= company.cap - tally.rows.sum():
            # The log stops here, so later users left nothing to sample.
            kept = kept.take(slice(0, int(company.cap - tally.rows.sum())))
            upto = int(kept.owner[-1]) + 1
        tally.add_users(company, users, upto)
        tally.add_rows(kept.type)
        yield deliver(company, settings, users, kept, rng)
        number, done = number + 1, done + size


def _chunks(blocks: Iterator[Events], rows: int) -> Iterator[Events]:
    """Yield the same rows in pieces of `rows`; the last one may be shorter."""
    waiting: list[Events] = []
    held = 0
    for block in blocks:
        waiting.append(block)
        held += len(block)
        if held < rows:
            continue
        together = concat(waiting)
        for start in range(0, held - rows + 1, rows):
            yield together.take(slice(start, start + rows))
        left = held % rows
        waiting, held = [together.take(slice(len(together) - left, None))], left
    if held:
        yield concat(waiting)
