"""What the table must hold, worked out in plain Python: the newest version of every key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.load.deliveries import Row

Version = tuple[float, str, int, Row]
"""Time stamp of its path at first sight, path, row number, row."""


@dataclass
class Reference:
    """The rule of SOLUTION.md, row by row: within a path the later content wins, between paths
    the greater (time stamp at first sight, path, row). The company that had an event first keeps
    it; only the path that brought the event can give it to another one."""

    first_seen: dict[str, float] = field(default_factory=dict)
    newest: dict[str, Version] = field(default_factory=dict)
    contents: dict[str, Mapping[int, Row]] = field(default_factory=dict)

    def deliver(self, contents: Mapping[str, tuple[float, Sequence[Row]]]) -> None:
        """Takes in what one run finds: path -> (time stamp, valid rows)."""
        self.deliver_numbered({p: (t, dict(enumerate(r, 1))) for p, (t, r) in contents.items()})

    def deliver_numbered(self, contents: Mapping[str, tuple[float, Mapping[int, Row]]]) -> None:
        """The same where the valid rows of a path are not all of it."""
        arriving: dict[str, list[Version]] = {}
        for path, (stamp, rows) in contents.items():
            first = self.first_seen.setdefault(path, stamp)
            if self.contents.get(path) != rows:
                self.contents[path] = rows
                for number, row in rows.items():
                    arriving.setdefault(row["EVENT_ID"], []).append((first, path, number, row))
        for key, versions in arriving.items():
            versions.sort(key=lambda version: (version[0], version[1].encode(), version[2]))
            self._take(key, versions)

    def _take(self, key: str, versions: list[Version]) -> None:
        """The newest of a key's versions, in order, that is of the company that has the key."""
        known, owner = self.newest.get(key), versions[0][3]["APIKEY"]
        if known is not None:
            own = [row["APIKEY"] for _, path, _, row in versions if path == known[1]]
            if not own or known[3]["APIKEY"] in own:
                owner = known[3]["APIKEY"]
        candidates = [version for version in versions if version[3]["APIKEY"] == owner]
        if candidates and (
            known is None
            or known[1] == candidates[-1][1]
            or (known[0], known[1].encode()) < (candidates[-1][0], candidates[-1][1].encode())
        ):
            self.newest[key] = candidates[-1]

    def rows(self) -> list[tuple[Any, ...]]:
        """Key, CONSENT, path and row number, in order of the keys."""
        return [
            (key, row["CONSENT"], path, number)
            for key, (_, path, number, row) in sorted(self.newest.items())
        ]


TABLE = (
    'select event_id, consent, _source_file, _source_row from events order by event_id collate "C"'
)
