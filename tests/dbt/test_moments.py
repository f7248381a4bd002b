"""Times of payloads: what the models' pattern takes, Python's calendar takes, and nothing fails.

Python's own reader is the judge. The pattern is one expression that holds the whole calendar, so
every day of a leap year, of a common one and of both kinds of centuries is tried.
"""

import re
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from database import address
from database.address import Address
from tests.sql_macros import macros

SQL = macros("moments.sql")
MOMENT = SQL.postgres__moment_or_null("delivered.value")
FORM = re.compile(
    r"[12]\d{3}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d(:?\d\d)?)?", re.ASCII
)


def expected(text: str) -> datetime | None:
    """The moment that a text names, to the microsecond below."""
    if not FORM.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    offset = moment.utcoffset()
    if offset is not None and abs(offset) >= timedelta(hours=16):
        return None
    return moment.replace(tzinfo=UTC) if offset is None else moment


def of_database(database: Address, texts: list[str]) -> list[datetime | None]:
    """What the models make of each text, in a session far from UTC, down to milliseconds."""
    with closing(address.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute("set time zone 'Pacific/Auckland'")
        cursor.execute(
            f"select date_part('epoch', date_trunc('milliseconds', {MOMENT}))"
            " from unnest(%s::text[]) with ordinality as delivered (value, place) order by place",
            (texts,),
        )
        seconds = [row[0] for row in cursor.fetchall()]
    start = datetime(1970, 1, 1, tzinfo=UTC)
    return [None if s is None else start + timedelta(milliseconds=round(s * 1000)) for s in seconds]


def to_milliseconds(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    return moment - timedelta(microseconds=moment.microsecond % 1000)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "infinity",
            "-infinity",
            "now",
            "epoch",
            "today",
            "tomorrow",
            "yesterday",
            "allballs",
            "",
        ),
        *("2025-02-30T00:00:00Z", "2025-02-29T00:00:00Z", "1900-02-29T00:00:00Z"),
        *("2025-04-31T00:00:00Z", "2025-13-01T00:00:00Z", "2025-00-10T00:00:00Z"),
        *("2025-09-05T25:00:00Z", "2025-09-05T24:00:00Z", "2025-09-05T01:60:00Z"),
        *("2025-09-05T23:59:60Z", "2025-09-05T01:00:61Z", "0000-01-01T00:00:00Z"),
        *(
            "294277-01-01T00:00:00Z",
            "9999-12-31T23:59:59-01:00",
            "0999-12-31T00:00:00Z",
            "-2025-01-01T00:00:00Z",
            "4713-01-01T00:00:00Z BC",
        ),
        *("2025-09-05", "01:00:00", "2025-W36-5", "20250905T010000Z", "1757034000000", "J2460924"),
        *("2025-09-05T01:00:00+16:00", "2025-09-05T01:00:00+01:60", "2025-09-05T01:00:00ZZ"),
        *("2025-09-05T01:00:00+02:00Z", "2025-09-05T01:00:00 Europe/Paris", "Sep 5 2025 01:00"),
        *("2025-09-05T01:00:00Z\n", " 2025-09-05T01:00:00Z", "2025-09-05T01:00:00." + "1" * 200),
        *("{}", "[]", "x" * 100_000, "２025-09-05T01:00:00Z"),
    ],
)
def test_what_is_not_a_moment_is_null(database: Address, text: str) -> None:
    assert of_database(database, [text]) == [None]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-09-05T01:00:00Z", "2025-09-05T01:00:00+00:00"),
        ("2025-09-05T01:00:02.500Z", "2025-09-05T01:00:02.5+00:00"),
        ("2025-09-05 01:00:00", "2025-09-05T01:00:00+00:00"),
        ("2025-09-05t01:00z", "2025-09-05T01:00:00+00:00"),
        ("2025-09-05T01:00:00+02:00", "2025-09-04T23:00:00+00:00"),
        ("2025-09-05T01:00:00-0930", "2025-09-05T10:30:00+00:00"),
        ("2025-09-05T01:00:00+14", "2025-09-04T11:00:00+00:00"),
        ("2024-02-29T12:00:00Z", "2024-02-29T12:00:00+00:00"),
        ("2000-02-29T23:59:59Z", "2000-02-29T23:59:59+00:00"),
        ("2999-12-31T23:59:59Z", "2999-12-31T23:59:59+00:00"),
    ],
)
def test_moments(database: Address, text: str, moment: str) -> None:
    assert of_database(database, [text]) == [datetime.fromisoformat(moment)]


def test_every_day_of_the_calendar(database: Address) -> None:
    years = (1000, 1200, 1582, 1900, 1999, 2000, 2023, 2024, 2100, 2400, 2996)
    texts = [f"{y}-{m:02}-{d:02}T01:00:00" for y in years for m in range(14) for d in range(33)]
    texts += [f"{y}-02-29T01:00:00" for y in range(10_001)]
    assert of_database(database, texts) == [expected(text) for text in texts]


LIKE_A_MOMENT = st.builds(
    "{}{}{}{}".format,
    st.dates().map(str) | st.from_regex(r"[0-9]{3,5}-[0-3][0-9]-[0-3][0-9]", fullmatch=True),
    st.sampled_from("Tt  _"),
    st.from_regex(r"[0-2][0-9]:[0-6][0-9](:[0-6][0-9]([.,][0-9]{0,10})?)?", fullmatch=True),
    st.just("") | st.from_regex(r"[Zz]|[+-][0-2][0-9](:?[0-6][0-9])?|UTC", fullmatch=True),
)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


def test_any_text_is_a_moment_or_null(database: Address) -> None:
    @settings(max_examples=30, derandomize=True, database=None, deadline=None)
    @given(st.lists(st.one_of(LIKE_A_MOMENT, TEXT), min_size=50, max_size=100))
    @example(["2999-12-31T23:59:59.999-15:59", "1000-01-01T00:00:00+15:59"])
    def agree(texts: list[str]) -> None:
        # Postgres rounds to the microsecond where Python cuts off: see `of_database`
        texts = [text for text in texts if not re.search(r"\.\d{3,5}9999", text)]
        for text, found in zip(texts, of_database(database, texts), strict=True):
            assert found == to_milliseconds(expected(text)), text

    agree()
