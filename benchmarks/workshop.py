"""What the benchmarks work with: a separate server, deliveries and dlt folder."""

from __future__ import annotations

import csv
import gzip
import logging
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.measure import Sample, run
from database import address
from database.embedded import binaries
from database.home import PROJECT_ROOT
from generator import Settings, generate
from sandbox.warehouse import Warehouse, dbt_command, load_command

logger = logging.getLogger(__name__)

HOME = PROJECT_ROOT / ".data" / "bench"


@dataclass
class Workshop:
    """The benchmarks' own server, under `.data/bench`."""

    database: Warehouse
    scale: float = 1
    """What the sizes of tables are multiplied by, where a part can do so."""

    @classmethod
    def open(cls, scale: float = 1) -> Workshop:
        """Start the server."""
        os.environ["CONSENT_HOME"] = str(HOME)
        for name in [name for name in os.environ if name.startswith("DESTINATION__")]:
            del os.environ[name]
        return cls(Warehouse(address.resolve(), HOME), scale)

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables of the measured commands."""
        password = self.database.address.password
        return {**self.database.environment(), "PGPASSWORD": password, "PGTZ": "UTC"}

    def execute(self, *statements: str) -> None:
        """Run statements one by one, unmeasured."""
        self.database.execute(*statements)

    def delivery(self, name: str, settings: Settings) -> Path:
        """Return a generated delivery, kept for the next run of the benchmarks."""
        return _made_once(HOME / "deliveries" / name, partial(generate, settings))

    def tenfold(self, delivery: Path) -> Path:
        """Return the same delivery with its events ten times in one file, under different ids."""

        def make(folder: Path) -> None:
            shutil.copytree(delivery, folder, ignore=shutil.ignore_patterns("*events-*"))
            (source,) = (delivery / "events" / "csv").iterdir()
            _write_tenfold(source, folder / "events" / "csv" / source.name)

        return _made_once(delivery.with_name(f"{delivery.name} tenfold"), make)

    def gzipped(self, delivery: Path) -> Path:
        """Return the same delivery with its events as gzip writes them by default."""

        def make(folder: Path) -> None:
            shutil.copytree(delivery, folder)
            for file in (folder / "events" / "csv").iterdir():
                with file.open("rb") as plain, gzip.open(f"{file}.gz", "wb", 6) as packed:
                    shutil.copyfileobj(plain, packed)
                file.unlink()

        return _made_once(delivery.with_name(f"{delivery.name} gzip"), make)

    def empty(self) -> None:
        """Drop the raw dataset, the models and dlt's folder: the state before a first load."""
        schemas = ("consent_raw", "consent_raw_staging", "staging", "intermediate", "marts")
        self.execute(*(f"drop schema if exists {schema} cascade" for schema in schemas))
        shutil.rmtree(HOME / "dlt", ignore_errors=True)
        self.execute("checkpoint")

    def load(self, delivery: Path) -> Sample:
        """Run the load as a user does."""
        return run(load_command(delivery), PROJECT_ROOT, self.environment)

    def first_load(self, delivery: Path) -> Sample:
        """Run the load into an empty database."""
        self.empty()
        return self.load(delivery)

    def copy(self, *files: Path, key: str | None = None) -> Sample:
        """`psql \\copy` CSV files into a new table, their payloads as jsonb; `zcat` unpacks gzip.

        `key` is a column that then gets a unique index, as the load's table has one.
        """
        is_packed = files[0].suffix == ".gz"
        with (gzip.open if is_packed else open)(files[0], "rt", newline="") as stream:
            names = next(csv.reader(stream))
        columns = ", ".join(f'"{name}" {_TYPES.get(name, "text")}' for name in names)
        self.execute(
            "drop table if exists copied", f"create table copied ({columns})", "checkpoint"
        )
        sources = [f"program 'zcat \"{file}\"'" if is_packed else f"'{file}'" for file in files]
        commands = [f"\\copy copied from {source} with (format csv, header)" for source in sources]
        if key:
            commands.append(f'create unique index on copied ("{key}")')
        sample = self.query(*commands)
        self.execute("drop table copied")
        return sample

    def query(self, *statements: str) -> Sample:
        """Run statements or psql commands in a new psql process."""
        psql = binaries.folder() / "psql"
        url = self.database.url.replace(f":{self.database.address.password}@", "@")
        commands = [part for statement in statements for part in ("-c", statement)]
        return run([psql, url, "-q", *commands], PROJECT_ROOT, self.environment)

    def make_run(self, delivery: Path) -> Sample:
        """Run `make run` over a delivery, as somebody does who has configured no database."""
        command = ["make", "--silent", "run", f"INPUT={delivery}"]
        return run(command, PROJECT_ROOT, {"CONSENT_HOME": str(HOME)})

    def build(self) -> Sample:
        """Run what `make dbt-build` runs."""
        command = dbt_command("--quiet", "build", "--exclude-resource-type", "unit_test")
        return run(command, PROJECT_ROOT / "dbt_project", self.environment)


def _made_once(folder: Path, make: Callable[[Path], object]) -> Path:
    """The folder of a delivery, made again if an earlier run was cut off in the middle."""
    # Beside the folder: the load would refuse a file in it that is neither events nor companies.
    complete = folder.with_name(f"{folder.name} is complete")
    if not complete.exists():
        logger.info("making %s", folder.name)
        shutil.rmtree(folder, ignore_errors=True)
        make(folder)
        complete.touch()
    return folder


def _write_tenfold(source: Path, target: Path) -> None:
    with source.open("rb") as reading, target.open("wb") as writing:
        writing.write(reading.readline())
        start = reading.tell()
        for copy in b"0123456789":
            reading.seek(start)
            writing.writelines(_ID.sub(b"%c-" % copy, line) for line in reading)


# The start of a record: in these files only records start a line with an id, payloads never do.
_ID = re.compile(rb"^(?=[0-9a-f]{8}-?[0-9a-f]{4})")
_TYPES = {
    "RATE": "double precision",
    "COUNT": "bigint",
    "PARAMETERS": "jsonb",
    "EVENT_TIME": "timestamptz",
    "WINDOW_START": "timestamptz",
}
