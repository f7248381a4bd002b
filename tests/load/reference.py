"""What the table must hold, worked out in plain Python: the newest version of every key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.load.deliveries import Row


@dataclass
class Reference:
    """The rule of SOLUTION.md, row by row: within a path the later content wins, between paths
    the greater (time stamp at first sight, path, row)."""

    first_seen: dict[str, float] = field(default_factory=dict)
    newest: dict[str, tuple[float, str, int, Row]] = field(default_factory=dict)

    def deliver(self, contents: Mapping[str, tuple[float, Sequence[Row]]]) -> None:
        """Takes in what one run finds new: path -> (time stamp, valid rows)."""
        for path, (stamp, rows) in contents.items():
            self.deliver_numbered(path, stamp, dict(enumerate(rows, 1)))

    def deliver_numbered(self, path: str, stamp: float, rows: Mapping[int, Row]) -> None:
        """The same for one path whose valid rows are not all of it."""
        first = self.first_seen.setdefault(path, stamp)
        for number, row in rows.items():
            self._take(first, path, number, row)

    def _take(self, first: float, path: str, number: int, row: Row) -> None:
        key = row["EVENT_ID"]
        known = self.newest.get(key)
        is_newer = (
            known is None
            or known[1] == path
            or (known[0], known[1].encode()) < (first, path.encode())
        )
        if is_newer:
            self.newest[key] = (first, path, number, row)

    def rows(self) -> list[tuple[Any, ...]]:
        """Key, CONSENT, path and row number, in order of the keys."""
        return [
            (key, row["CONSENT"], path, number)
            for key, (_, path, number, row) in sorted(self.newest.items())
        ]


TABLE = (
    'select event_id, consent, _source_file, _source_row from events order by event_id collate "C"'
)
