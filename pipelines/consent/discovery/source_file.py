"""A file that this run reads: what was found, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pipelines.consent.discovery.input_folder import FoundFile
from pipelines.consent.errors import FileRefusedError


@dataclass
class Rejection:
    """Rows of a file that go to the quarantine for one reason; the first one's number (from 1)."""

    first_row: int
    rows: int = 0


@dataclass
class Delivery:
    """One content of one path.

    `first_mtime_ns` is the path's time stamp at first sight, the first part of the order key. The
    counts of the merge (`rows_new`, …) stay None until the database has said them.
    """

    file: FoundFile
    content_hash: str | None
    first_mtime_ns: int
    rows_read: int = 0
    rows_quarantined: int = 0
    rows_new: int | None = None
    rows_changed: int | None = None
    rows_unchanged: int | None = None
    rows_duplicate: int | None = None
    refusal: str | None = None
    rejections: dict[str, Rejection] = field(default_factory=dict)

    def reject(self, rows: Iterable[tuple[int, str]]) -> None:
        """Counts rows for the quarantine: the number of each in the file, and the reason."""
        for number, reason in rows:
            self.rejections.setdefault(reason, Rejection(number)).rows += 1
            self.rows_quarantined += 1

    def check_unchanged(self) -> None:
        """Refuses a file that was written to between its hash and the end of its rows.

        Raises:
            FileRefusedError: the next run will read it again.
        """
        if change := self._change():
            raise FileRefusedError(change, for_now=True)

    def refuse(self, error: FileRefusedError) -> None:
        """Notes why the file is refused: its content, unless that changed meanwhile."""
        if change := self._change():
            self.refuse_for_now(change)
        elif error.for_now:
            self.refuse_for_now(str(error))
        else:
            self.refusal = str(error)

    def refuse_for_now(self, reason: str) -> None:
        """Refuses the file for a reason beyond its content: without a hash, it is read again."""
        self.refusal, self.content_hash = reason, None

    def start_again(self) -> None:
        """Forgets what was read."""
        self.rows_read = self.rows_quarantined = 0
        self.rejections.clear()

    def _change(self) -> str | None:
        try:
            stat = self.file.absolute.stat()
        except OSError:
            return "it vanished while being read"
        if (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns) != self.file.stamp:
            return "it was written to while being read; run the load again"
        return None

    @property
    def rows_valid(self) -> int:
        """Rows that the merge must find staged."""
        return self.rows_read - self.rows_quarantined
