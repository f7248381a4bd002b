"""A loader for one test: a database, a working folder and an input folder of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlt
import pytest

from database import address
from database.address import Address
from tests.load.deliveries import Folder


@dataclass
class Result:
    """What a run left: exit code, and all that it said."""

    code: int
    text: str


class Loader:
    """Runs the load in this process, as the command line would; asks the database afterwards."""

    def __init__(
        self,
        database: Address,
        input_dir: Path,
        capture: pytest.CaptureFixture[str],
        log: pytest.LogCaptureFixture,
    ) -> None:
        self.address = database
        self.input = Folder(input_dir)
        self._capture, self._log = capture, log
        self.connection = address.connect(database)
        self.connection.autocommit = True

    def run(self, *arguments: str) -> Result:
        """Loads the input folder."""
        return self.run_from(str(self.input.root), *arguments)

    def run_from(self, place: str, *arguments: str) -> Result:
        """Loads a delivery from any place."""
        from pipelines.consent_pipeline import main

        self._capture.readouterr()
        self._log.clear()
        code = main(["--input", place, *arguments])
        said = self._capture.readouterr()
        return Result(code, said.out + said.err + self._log.text)

    def load_from(self, url: str, *options: str, code: int = 0) -> Result:
        """The same; the run has to end with this code."""
        result = self.run_from(url, *options)
        assert result.code == code, result.text
        return result

    def load(self, *arguments: str, code: int = 0) -> Result:
        """Loads, and expects everything to go well, or another exit code."""
        result = self.run(*arguments)
        assert result.code == code, result.text
        return result

    def sql(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of a query on the raw dataset; also for statements without rows."""
        with self.connection.cursor() as cursor:
            cursor.execute("set search_path = consent_raw")
            cursor.execute(statement, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def value(self, statement: str, *parameters: Any) -> Any:
        """The one value of a query."""
        ((found,),) = self.sql(statement, *parameters)
        return found

    def column(self, statement: str, *parameters: Any) -> list[Any]:
        """The values of a query of one column."""
        return [row[0] for row in self.sql(statement, *parameters)]

    def ids(self) -> list[str]:
        """Keys of the loaded events, in order."""
        return self.column("select event_id from events order by 1")

    def quarantine(self) -> list[tuple[Any, ...]]:
        """File, row and reason of every rejected row."""
        return self.sql(
            "select _source_file, _source_row, reason from events_quarantine order by 1, 2"
        )

    def outcomes(self) -> dict[str, str]:
        """Of every path's current ledger row."""
        return dict(self.sql("select path, outcome from load_files where is_current"))


def use_own_folders() -> None:
    """Has dlt look at CONSENT_HOME again: it did once, when it was imported."""
    dlt.current.run_context().reload()


@pytest.fixture
def loader(
    fresh_database: Address,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Loader]:
    """A loader on an empty database."""
    monkeypatch.setenv("COLUMNS", "200")
    use_own_folders()
    made = Loader(fresh_database, tmp_path / "input", capfd, caplog)
    yield made
    made.connection.close()
    monkeypatch.undo()
    use_own_folders()
