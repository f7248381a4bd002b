"""A file that this run reads: what was found, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.consent.errors import FileRefusedError
from pipelines.consent.files import FoundFile


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

    def check_unchanged(self) -> None:
        """Refuses a file that was written to between its hash and the end of its rows.

        What was read has no hash then: the next run must not take it for a known content.

        Raises:
            FileRefusedError: the next run will read it again.
        """
        try:
            stat = self.file.absolute.stat()
        except OSError as error:
            self.content_hash = None
            raise FileRefusedError("it vanished while being read") from error
        if (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns) != self.file.stamp:
            self.content_hash = None
            raise FileRefusedError("it was written to while being read; run the load again")

    @property
    def rows_valid(self) -> int:
        """Rows that the merge must find staged."""
        return self.rows_read - self.rows_quarantined
