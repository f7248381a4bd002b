"""Makes what an earlier commit left behind: delivery/, database.sql.gz and dlt/ in this folder.

    git worktree add /tmp/earlier 5691121 && make -C /tmp/earlier env deps
    python -m tests.upgrade.make_database /tmp/earlier

The generator of this project writes the deliveries. The checkout's own code loads and builds the
first one, then the second, in a separate embedded Postgres. `database.sql.gz` is what `pg_dump`
writes of that database, and `dlt/` is the load's working folder as that commit left it.
"""

import csv
import gzip
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from database.embedded import binaries

HERE = Path(__file__).parent
DELIVERY = HERE / "delivery"
SECOND = ("events-company-3.csv", "events-company-4.parquet")
PROJECT = HERE.parents[1]


def main(checkout: Path) -> None:
    """Write the three; `checkout` is a worktree of the earlier commit with its .venv."""
    write_deliveries()
    with tempfile.TemporaryDirectory(prefix="consent-earlier-") as name:
        home = Path(name)
        home.chmod(0o711)  # as root, the server runs as another user
        earlier = Earlier(checkout, home)
        try:
            earlier.load_and_build(without=SECOND)
            earlier.load_and_build()
            earlier.dump(HERE / "database.sql.gz")
        finally:
            earlier.run("python", "-m", "database", "stop")
        shutil.rmtree(HERE / "dlt", ignore_errors=True)
        # Packages that are loaded are only kept for a person to look at, and they are large.
        shutil.copytree(
            home / "dlt", HERE / "dlt", ignore=shutil.ignore_patterns("loaded", ".anonymous_id")
        )


def write_deliveries() -> None:
    """Two deliveries; the second is of later days and leaves EXPERIMENT empty.

    It also brings a newer version of an event of the first, and a row for the quarantine.
    """
    shutil.rmtree(DELIVERY, ignore_errors=True)
    generate(
        DELIVERY, "--events-per-company=30", "--start=2025-10-06", "--experiment", "--duplicates"
    )
    with tempfile.TemporaryDirectory() as name:
        later = Path(name)
        generate(later, "--events-per-company=15", "--start=2025-10-09")
        (csv_file,) = later.glob("events/csv/*.csv")
        (parquet_file,) = later.glob("events/parquet/*.parquet")
        shutil.copy(parquet_file, DELIVERY / "events/parquet" / SECOND[1])
        first = read_rows(DELIVERY / "events/csv/events-company-1.csv")
        changed = next(row for row in first if row["TYPE"] == "consent.given")
        rows = read_rows(csv_file)
        rows.append(changed | {"CONSENT": "opt-out", "EVENT_TIME": "2025-10-09 12:00:00.000"})
        rows.append(rows[0] | {"EVENT_ID": "without-a-rate", "RATE": "0"})
        with (DELIVERY / "events/csv" / SECOND[0]).open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def generate(output: Path, *arguments: str) -> None:
    """Four companies, one file of each format, a few days."""
    shape = ("--companies=4", "--companies-per-file=2", "--days=3", "--payload=small")
    command = (sys.executable, "-m", "generator", "--quiet", f"--output={output}")
    subprocess.run([*command, *shape, *arguments], cwd=PROJECT, check=True)


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file as texts."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


class Earlier:
    """The earlier commit's programs, on a database and folders of their own."""

    def __init__(self, checkout: Path, home: Path) -> None:
        self.checkout, self.home = checkout, home
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("DESTINATION")
        } | {
            "CONSENT_HOME": str(home),
            "CONSENT_PORT": "5871",
            "DBT_TARGET_PATH": str(home / "target"),
            "DBT_LOG_PATH": str(home / "logs"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def load_and_build(self, without: tuple[str, ...] = ()) -> None:
        """What `make run` did, over the delivery without some of its files."""
        # The same folder both times: another one would be another path for the ledger.
        folder = self.home / "input"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(DELIVERY, folder, ignore=shutil.ignore_patterns(*without))
        self.run("python", "pipelines/consent_pipeline.py", "--input", str(folder))
        self.run("dbt", "--quiet", "build", "--exclude-resource-type", "unit_test")

    def dump(self, path: Path) -> None:
        """Write the database as SQL."""
        url = self.run("python", "-m", "database", "url").strip()
        options = ("--no-owner", "--no-privileges", "--no-comments", url)
        command = (str(binaries.folder() / "pg_dump"), *options)
        dump = subprocess.run(command, check=True, capture_output=True).stdout
        path.write_bytes(gzip.compress(dump, mtime=0))

    def run(self, program: str, *arguments: str) -> str:
        """Run a program of the checkout in the checkout; returns what it prints."""
        command = (str(self.checkout / ".venv/bin" / program), *arguments)
        done = subprocess.run(
            command, cwd=self.checkout, env=self.environment, capture_output=True, text=True
        )
        if done.returncode != 0:
            sys.exit(done.stdout + done.stderr)
        return done.stdout


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
