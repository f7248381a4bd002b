"""Within a delivery that is only checked: events of a company that another one had first.

A load finds them among its staged rows (`event_owners.py`); this keeps 32 bytes of each event.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipelines.consent.discovery.source_file import Rejection, SourceFile
from pipelines.consent.names import OTHER_COMPANY, SOURCE_ROW


class FirstCompanies:
    """Collects the sound events of files, and then tells which of them are another company's."""

    def __init__(self) -> None:
        self._companies: dict[str, int] = {}
        self._parts: list[tuple[np.ndarray, np.ndarray, np.ndarray, SourceFile]] = []

    def add(self, file: SourceFile, events: pa.Table) -> None:
        """Takes in a batch of a file."""
        ids = events.column("event_id").to_pylist()
        keys = events.column("apikey").to_pylist()
        companies = [self._companies.setdefault(key, len(self._companies)) for key in keys]
        rows = events.column(SOURCE_ROW).to_numpy()
        # Two ids of one hash would have to be of two companies: one in 10^19 pairs.
        hashes = np.fromiter(map(hash, ids), np.int64, len(ids))
        self._parts.append((hashes, np.array(companies, np.int32), rows, file))

    def reject_others(self) -> None:
        """Counts events on their file whose EVENT_ID another company had first."""
        files = {id(file): file for *_, file in self._parts if file.refusal is None}
        ordered = sorted(files.values(), key=lambda f: (f.first_mtime_ns // 1000, f.path.encode()))
        place = {id(file): number for number, file in enumerate(ordered)}
        parts = [part for part in self._parts if id(part[3]) in place]
        if len(self._companies) < 2 or not parts:
            return
        hashes, companies, rows = (np.concatenate([p[n] for p in parts]) for n in range(3))
        places = np.repeat([place[id(p[3])] for p in parts], [len(p[0]) for p in parts])
        order = np.lexsort((rows, places, hashes))
        hashes, companies = hashes[order], companies[order]
        begins = np.concatenate([[True], hashes[1:] != hashes[:-1]])
        owners = companies[np.flatnonzero(begins)[np.cumsum(begins) - 1]]
        for at in order[companies != owners]:
            file = ordered[places[at]]
            found = file.rejections.setdefault(OTHER_COMPANY, Rejection(int(rows[at])))
            found.first_row = min(found.first_row, int(rows[at]))
            found.rows += 1
            file.rows_quarantined += 1
