"""Chances of differences: the models' formulas against Python's, into the far tails."""

import math
from contextlib import closing

from pytest import approx

from database import address
from database.address import Address
from tests.sql_macros import macros

SQL = macros("significance.sql")


def test_two_sided_p_values(database: Address) -> None:
    steps = [step / 20 for step in range(-300, 301)]
    with closing(address.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"select {SQL.two_sided_p_value('z')} from unnest(%s::float8[]) with ordinality"
            " as steps (z, place) order by place",
            (steps,),
        )
        found = [p for (p,) in cursor.fetchall()]
        cursor.execute(f"select {SQL.two_sided_p_value('z')} from (values (null), (1e9)) as v (z)")
        assert [p is None or 0 < p < 1e-290 for (p,) in cursor.fetchall()] == [True, True]
    assert found == [approx(math.erfc(abs(z) / math.sqrt(2)), rel=1.3e-7) for z in steps]


def test_false_discovery_rates(database: Address) -> None:
    """0.01 · 4 / 1 is more than the 0.02 · 4 / 3 of a later rank, so the first three are alike."""
    rate = SQL.false_discovery_rate("p", "place", "4")
    with closing(address.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"select {rate} from (values (0.01, 1), (0.02, 2), (0.02, 3), (0.9, 4)) as v (p, place)"
            " order by place"
        )
        found = [float(q) for (q,) in cursor.fetchall()]
    assert found == [approx(q) for q in (0.08 / 3, 0.08 / 3, 0.08 / 3, 0.9)]
