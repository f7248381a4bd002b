"""A file that this run reads: what was found, and what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from errno import EACCES, ENOENT

from pipelines.consent.discovery.file_kind import FileKind
from pipelines.consent.discovery.input_folder import FoundFile
from pipelines.consent.discovery.shared_blocks import StoreError
from pipelines.consent.errors import FileRefusedError, LoadError


def content_hash(found: FoundFile, count: Callable[[int], None] = lambda _: None) -> str:
    """SHA-256 of a file's bytes, in hex.

    Args:
        count: is told the bytes of each block.

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    with found.open() as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
            count(len(block))
    return digest.hexdigest()


@dataclass
class Rejection:
    """Rows of a file that go to the quarantine for one reason; the first one's number (from 1)."""

    first_row: int
    rows: int = 0


@dataclass
class SourceFile:
    """One content of one path.

    `kind` is None where the file is refused or left out. `first_mtime_ns` is the path's time stamp
    at first sight, the first part of the order key.
    `counts` is what the ledger says once the file is merged: read, new, changed, unchanged,
    duplicate, quarantined, erased, expired. `notes` are assumptions that follow from its rows.
    """

    found: FoundFile
    content_hash: str | None
    first_mtime_ns: int
    kind: FileKind | None = None
    rows_read: int = 0
    rows_quarantined: int = 0
    rows_erased: int = 0
    rows_expired: int = 0
    rows_decoded: int = 0
    bytes_read: int = 0
    notes: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    refusal: str | None = None
    rejections: dict[str, Rejection] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The path below the input folder."""
        return self.found.path

    @property
    def assumptions(self) -> str:
        """What was assumed to read the file, for the report and the ledger."""
        found = [*self.kind.assumptions] if self.kind else []
        if self.rows_decoded:
            found.append(f"PARAMETERS was encoded twice in {self.rows_decoded:,} rows")
        found += self.notes
        return "; ".join(found)

    @property
    def is_rejected_whole(self) -> bool:
        """Whether every row of the file is in the quarantine."""
        return self.refusal is None and 0 < self.rows_read == self.counts.get("quarantined")

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
        change = self._change()
        if change or error.for_now:
            self.refuse_for_now(change or str(error))
        else:
            self.refusal = str(error)

    def refuse_for_now(self, reason: str) -> None:
        """Refuses the file for a reason that is not its content; without a hash, it is retried."""
        self.refusal, self.content_hash = reason, None

    def count_bytes(self, number: int) -> None:
        """Counts bytes that were read, for the progress."""
        self.bytes_read += number

    def start_again(self) -> None:
        """Forgets what was read."""
        self.rows_read = self.rows_quarantined = self.rows_erased = self.rows_expired = 0
        self.rows_decoded = self.bytes_read = 0
        self.rejections.clear()
        self.notes.clear()

    def _change(self) -> str | None:
        try:
            stamp = self.found.stamp_now()
        except StoreError as error:
            if error.errno not in (ENOENT, EACCES):
                # Not this file alone: each of the others would cost as many attempts.
                raise LoadError(
                    f"the store does not answer any more ({error.strerror}); what was loaded stays:"
                    " run the load again, and it goes on from there."
                ) from None
            return f"cannot be read any more ({error.strerror})"
        except OSError:
            return "it vanished while being read"
        if stamp != self.found.stamp:
            return "it was written to while being read; run the load again"
        return None
