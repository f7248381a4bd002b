"""A delivery of a thousand small files."""

import resource

from tests.load.conftest import Loader
from tests.load.deliveries import event
from tests.load.soundness import assert_sound


def test_thousand_small_files_load_in_one_run(loader: Loader) -> None:
    for number in range(1000):
        write = loader.input.csv if number % 2 else loader.input.parquet
        write(f"f{number:04}", [event(f"e{number}-{i}") for i in range(5)], day=number / 1000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    loader.load()
    assert loader.value("select count(*) from events") == 5000
    assert loader.value("select count(*) from load_files where outcome = 'loaded'") == 1000
    assert_sound(loader)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000
    assert "1000 unchanged" in loader.load().text
