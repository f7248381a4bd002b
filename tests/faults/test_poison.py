"""Rows that pass the checks and that the database refuses: their file waits, the others load."""

from tests.load.conftest import Loader
from tests.load.deliveries import event, events
from tests.load.soundness import assert_sound

REFUSED = "Refused: events/csv/f3.csv: the database refuses its rows (CheckViolation)"


def poison(loader: Loader) -> None:
    """A constraint on the raw table that one file of eight breaks."""
    loader.input.csv("f0", events("e0"), day=0)
    loader.load()
    loader.sql("alter table events add constraint poison check (consent <> 'poison')")
    for number in range(1, 8):
        consent = "poison" if number == 3 else "good"
        write = loader.input.parquet if number % 2 == 0 else loader.input.csv
        write(f"f{number}", [event(f"e{number}", CONSENT=consent)], day=number)


def test_poisoned_file_is_refused_and_the_others_load(loader: Loader) -> None:
    poison(loader)
    result = loader.run()
    assert result.code == 1 and REFUSED in result.text
    assert loader.ids() == ["e0", "e1", "e2", "e4", "e5", "e6", "e7"]
    assert_sound(loader)


def test_later_files_load_past_the_poisoned_one(loader: Loader) -> None:
    poison(loader)
    loader.run()
    loader.input.csv("later", events("later"), day=9)
    result = loader.run()
    assert result.code == 1 and REFUSED in result.text
    assert "later" in loader.ids()


def test_poisoned_file_loads_once_the_cause_is_gone(loader: Loader) -> None:
    poison(loader)
    loader.run()
    loader.sql("alter table events drop constraint poison")
    loader.load()
    assert loader.ids() == [f"e{i}" for i in range(8)]
    assert_sound(loader)


def test_first_load_of_a_poisoned_table(loader: Loader) -> None:
    """What was put on the raw table by hand still holds when its rows come anew."""
    loader.input.csv("a", events("e1"))
    loader.load()
    loader.sql("alter table events add constraint poison check (consent <> 'poison')")
    loader.sql("truncate events")
    loader.input.csv("b", [event("e2", CONSENT="poison")])
    result = loader.run()
    assert result.code == 1 and "events/csv/b.csv: the database refuses its rows" in result.text
    assert loader.ids() == ["e1"]
