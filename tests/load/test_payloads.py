"""Which payloads are taken for JSON that `jsonb` can hold."""

import json
from pathlib import Path

import pytest

from tests.load.checking import reason, through_csv, through_parquet
from tests.load.conftest import Loader
from tests.load.deliveries import event

NOT_JSON = "PARAMETERS is not JSON"


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "null",
        '"text"',
        "-0",
        "1E+5",
        '{"a": 1, "a": 2}',
        '{"a": "C:\\\\u0000"}',
        '"\\ud83d\\ude00"',
        '{"id": "x-e-12345", "hex": "3e9999"}',
        "[" * 1024 + "]" * 1024,
        '{"pi": 3.' + "1" * 14_000 + "}",
        "9" * 308,
        '{"id": "' + "9" * 400 + '", "e": "1e999"}',
        "[1e308,\n1E-0300, 0e999]",
    ],
)
def test_json_loads(tmp_path: Path, text: str) -> None:
    assert reason(tmp_path, PARAMETERS=text) is None


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{'a': 1}",
        '{"a": NaN}',
        "[1,]",
        "{} {}",
        "<xml/>",
        '"\\ud800"',
        '"\\udc00\\ud800"',
        "1e400",
        "1e-20000",
        "0e2147483648",
        "0." + "0" * 16_400 + "1",
        "[" * 1025 + "]" * 1025,
        "9" * 309,
        '{"id": "' + "x" * 33 + '", "n": -' + "9" * 309 + "}",
        "[" + "1" * 211 + ".5e99]",
        '{"hex": "3e9999", "n":\n2e308}',
    ],
)
def test_no_json_and_numbers_beyond_numeric_are_rejected(tmp_path: Path, text: str) -> None:
    assert reason(tmp_path, PARAMETERS=text) == NOT_JSON


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"\\u0000"', "NUL character"),
        ('{"a\\u0000": 1}', "NUL character"),
        ('"\\\\u0000"', None),
        ('"\\\\\\u0000"', "NUL character"),
        ('"\\\\\\\\u0000"', None),
    ],
)
def test_escaped_nul_is_told_from_an_escaped_backslash(
    tmp_path: Path, text: str, expected: str | None
) -> None:
    assert reason(tmp_path, PARAMETERS=text) == expected


def test_payload_with_line_breaks_and_quotes_is_the_same_from_both_formats(tmp_path: Path) -> None:
    text = '{\n  "a": "say \\"hi\\"",\r\n  "b": ["é", 1]\n}'
    for read in (through_csv, through_parquet):
        ((row,), _) = read(tmp_path, [event(PARAMETERS=text)])
        assert row["parameters"] == text


def test_payload_of_35_kilobytes_loads(tmp_path: Path) -> None:
    text = '{"vendors": [' + ", ".join(f'"c:vendor-{i}"' for i in range(2_500)) + "]}"
    assert len(text) > 35_000
    ((row,), _) = through_csv(tmp_path, [event(PARAMETERS=text)])
    assert row["parameters"] == text


def test_payload_that_was_encoded_twice_is_decoded_once(loader: Loader) -> None:
    r"""A text within JSON that is not an object or a list stays; so does one with `\u0000`."""
    payload = '{"action": "a \\"b\\"", "purposes": ["é"]}'
    twice = json.dumps(payload)
    texts = {
        "e1": (payload, payload),
        "e2": (twice, payload),
        "e3": (json.dumps("[1]"), "[1]"),
        "e4": (json.dumps(twice), json.dumps(twice)),
        "e5": ('"{not json"', '"{not json"'),
        "e6": ('"just text"', '"just text"'),
        "e7": (None, None),
    }
    rows = [event(i, PARAMETERS=delivered) for i, (delivered, _) in texts.items()]
    rejected = event("e8", PARAMETERS=json.dumps('{"a": "\\u0000"}'))
    loader.input.csv("a", [*rows, rejected])
    loader.input.parquet("b", [row | {"EVENT_ID": row["EVENT_ID"] + "p"} for row in rows])
    said = loader.load().text
    assert "Assumed: events/csv/a.csv: PARAMETERS was encoded twice in 2 rows" in said
    found = dict(loader.sql("select event_id, parameters from events"))
    for event_id, (_, expected) in texts.items():
        assert (found[event_id], found[event_id + "p"]) == (expected, expected)
    counts = "select rows_decoded, assumptions from load_files order by path"
    assert loader.sql(counts) == [(2, "PARAMETERS was encoded twice in 2 rows")] * 2
    (raw,) = loader.column("select raw_row::json ->> 'PARAMETERS' from events_quarantine")
    assert raw == json.dumps('{"a": "\\u0000"}')
