"""`python -m alerts`: what it prints, tells and returns in each state."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from alerts.__main__ import main
from sandbox.warehouse import Warehouse

SECRET = "T0K3N-of-the-hook"
COMPANY = "f0495086-35c9-4a1c-9a36-7f4b1a0e4d11"
COLUMNS = """
create schema marts;
create table marts.dim_companies (company_id text, company_name text, has_events boolean);
create table marts.consent_trend (
    company_id text, period text, period_start timestamptz, metric text, metric_value float8,
    metric_lower float8, metric_upper float8, previous_period_start timestamptz,
    previous_value float8, value_change float8, country_mix_change float8,
    country_rate_change float8, device_mix_change float8, device_rate_change float8,
    notice_mix_change float8, notice_rate_change float8, p_value float8, q_value float8,
    is_alert boolean
);
"""
DROP = f"""
insert into marts.dim_companies values ('{COMPANY}', 'shop' || chr(27) || '.example', true);
insert into marts.consent_trend values (
    '{COMPANY}', 'day', '2025-09-07 00:00+00', 'consent_rate', 0.629, 0.51, 0.73,
    '2025-09-06 00:00+00', 0.87, -0.241, -0.014, -0.227, 0, -0.241, 0, -0.241, 1e-4, 0.004, true
);
"""
STEADY = DROP.replace("true\n)", "false\n)")


@pytest.fixture
def marts(
    new_warehouse: Callable[..., Warehouse], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """A function that makes marts with these rows in a new database, and configures that."""

    def make(*statements: str) -> None:
        warehouse = new_warehouse()
        warehouse.execute(*statements)
        for name, value in warehouse.environment().items():
            monkeypatch.setenv(name, value)

    return make


class Hook(BaseHTTPRequestHandler):
    """Answers as the path says: /200, /302, /500 …, and notes what it was told."""

    told: list[Any] = []

    def do_POST(self) -> None:
        self.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(int(self.path.split("/")[1]))
        self.send_header("Location", "/200")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[str]:
    """The address of a web server that is told."""
    Hook.told.clear()
    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_an_alert_is_a_sentence_and_code_3(
    marts: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    marts(COLUMNS, DROP)
    assert main([]) == 3
    assert capsys.readouterr().out == (
        "shop?.example, 2025-09-07: consent 62.9 % (51.0 – 73.0 %) after 87.0 % on 2025-09-06: "
        "−24.1 points, −1.4 of them because other regions came.\n"
    )
    assert main(["--since", "2025-09-07"]) == 3
    assert main(["--since", "2025-09-08"]) == 0


def test_json_holds_the_figures(
    marts: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    marts(COLUMNS, DROP)
    assert main(["--json"]) == 3
    [alert] = json.loads(capsys.readouterr().out)["alerts"]
    assert alert["company_id"] == COMPANY
    assert alert["period_start"].startswith("2025-09-07T00:00:00")
    assert (alert["value_change"], alert["q_value"]) == (-0.241, 0.004)


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        ((COLUMNS, STEADY), "No alert: chance explains each of 1 change of 1 company."),
        ((COLUMNS, DROP, "update marts.consent_trend set p_value = null, is_alert = false"),
         "No alert: no company has two periods in a row"),
        ((COLUMNS,), "No events are loaded yet"),
    ],
)  # fmt: skip
def test_no_alert_is_code_0_and_tells_nobody(
    marts: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
    hook: str,
    statements: tuple[str, ...],
    said: str,
) -> None:
    marts(*statements)
    assert main(["--webhook", f"{hook}/200"]) == 0
    assert said in capsys.readouterr().out
    assert main(["--json"]) == 0
    assert json.loads(capsys.readouterr().out)["alerts"] == []
    assert not Hook.told


def test_the_webhook_is_told(marts: Callable[..., None], hook: str) -> None:
    marts(COLUMNS, DROP)
    assert main(["--webhook", f"{hook}/200/{SECRET}"]) == 3
    [told] = Hook.told
    assert told["text"].startswith("shop?.example, 2025-09-07: consent")
    assert told["alerts"][0]["metric"] == "consent_rate"


@pytest.mark.parametrize(
    ("path", "said"),
    [("/302", "answered 302"), ("/404", "answered 404"), ("/500", "answered 500")],
)
def test_a_webhook_that_fails_is_code_4(
    marts: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
    hook: str,
    path: str,
    said: str,
) -> None:
    marts(COLUMNS, DROP)
    url = f"{hook.replace('//', f'//user:{SECRET}@')}{path}/{SECRET}?key={SECRET}"
    assert main(["--webhook", url]) == 4
    printed = capsys.readouterr()
    assert "consent 62.9 %" in printed.out  # the alert itself is not lost
    assert SECRET not in printed.out + printed.err


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (f"http://127.0.0.1:1/{SECRET}", 4),
        (f"https://nowhere.invalid/{SECRET}", 4),
        (f"ftp://host/{SECRET}", 2),
        (f"{SECRET}", 2),
        (f"https:///{SECRET}", 2),
        (f"https://host:port/{SECRET}", 2),
        (f"https://[::1/{SECRET}", 2),
        (f"https://host/{SECRET} x", 2),
        (f"https://höst/{SECRET}", 2),
    ],
)
def test_an_address_that_cannot_be_used(
    marts: Callable[..., None], capsys: pytest.CaptureFixture[str], url: str, code: int
) -> None:
    marts(COLUMNS, DROP)
    assert main(["--webhook", url]) == code
    printed = capsys.readouterr()
    assert "The" in printed.err and "webhook" in printed.err
    assert SECRET not in printed.out + printed.err


def test_marts_that_cannot_be_read(
    marts: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    marts("select 1")
    assert main([]) == 1
    assert "There are no figures yet" in capsys.readouterr().err
    monkeypatch.setenv(
        "DESTINATION__POSTGRES__CREDENTIALS", f"postgresql://u:{SECRET}@127.0.0.1:1/x"
    )
    assert main([]) == 1
    printed = capsys.readouterr().err
    assert "127.0.0.1:1" in printed and SECRET not in printed


def test_a_day_that_is_not_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--since", "yesterday"])
    assert ended.value.code == 2
    assert "'yesterday' is not a day such as 2025-09-05" in capsys.readouterr().err
