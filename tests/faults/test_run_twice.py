"""`make run` twice at once, as when cron starts it while somebody works: both succeed."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from database import address
from database.embedded import server
from tests.conftest import CREDENTIALS, ROOT, free_port
from tests.upgrade.make_database import DELIVERY


@pytest.fixture
def fresh_home(consent_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = consent_home / "twice"
    monkeypatch.setenv("CONSENT_HOME", str(home))
    monkeypatch.setenv("CONSENT_PORT", str(free_port()))
    monkeypatch.delenv(CREDENTIALS, raising=False)
    return home


def test_both_succeed(fresh_home: Path, packages: None, tmp_path: Path) -> None:
    # Not the environment: it is the one that these tests run in.
    words = ["make", "run", f"VENV={sys.prefix}", "PYTHON=true", f"INPUT={DELIVERY}"]
    variables = {"DBT_TARGET_PATH": str(tmp_path / "target"), "DBT_LOG_PATH": str(tmp_path)}
    runs = [
        subprocess.Popen(
            words,
            cwd=ROOT,
            env=os.environ | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    try:
        said = [run.communicate(timeout=300)[0] for run in runs]
        assert [run.returncode for run in runs] == [0, 0], "\n\n".join(said)
        assert any("waiting for it to end" in text for text in said)
        assert all("all companies" in text for text in said)  # the summary
        with (
            closing(address.connect(address.embedded())) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(
                "select (select count(*) from consent_raw.events),"
                " (select sum(event_row_count) from marts.consent_daily)"
            )
            raw, built = cursor.fetchone() or (0, 1)
            assert raw == built > 0
    finally:
        server.stop(fresh_home)
