"""Which rows are those of erased persons: of batches, of malformed records, of the quarantine."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from itertools import chain
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from pipelines.consent.batches import MalformedRow, Rows
from pipelines.consent.checking.keys import company_key
from pipelines.consent.checking.values import Mask
from pipelines.consent.persons.identity import TOKEN, USER, tokens_in, user_key, uuids_in
from pipelines.consent.persons.register import Erased
from pipelines.consent.schema import identifier

# The column of user ids, whatever way its name is written in a file.
USER_COLUMN = "user_id"


class RowFilter:
    """Tells which rows are those of erased persons."""

    def __init__(self, erased: Erased) -> None:
        self._erased = erased

    def without_erased(self, rows: Rows) -> Rows:
        """The rows of all others."""
        return _chosen(rows, ~self.in_batch(rows.batch))

    def only_erased(self, rows: Rows) -> Rows:
        """The rows of these persons."""
        return _chosen(rows, self.in_batch(rows.batch))

    def in_batch(self, batch: pa.RecordBatch) -> Mask:
        """Which rows of a batch are an erased person's."""
        columns = {identifier(name): batch.column(name) for name in batch.schema.names}
        found = np.zeros(batch.num_rows, dtype=bool)
        if USER in self._erased.kinds and USER_COLUMN in columns:
            ids = columns[USER_COLUMN].cast(pa.string()).dictionary_encode()
            erased = [self._erased.companies(USER, user_key(i)) for i in ids.dictionary.to_pylist()]
            hits = [number for number, companies in enumerate(erased) if companies]
            for row in np.flatnonzero(np.isin(ids.indices.fill_null(-1), hits)).tolist():
                key = user_key(ids[row].as_py())
                found[row] = self._erased.holds(USER, key, _companies(columns["apikey"][row]))
        for row, payload in enumerate(columns["parameters"].to_pylist()):
            if payload and not found[row]:
                found[row] = self._in_payload(payload, _companies(columns["apikey"][row]))
        return found

    def is_malformed(self, row: MalformedRow) -> bool:
        """Whether a record is an erased person's. Its columns are unknown, so any field counts."""
        return self._in_text(row.text)

    def is_rejected(self, raw_row: str) -> bool:
        """Whether a row of the quarantine is an erased person's; `raw_row` is the row as JSON."""
        row: Mapping[str, Any] = {identifier(k): v for k, v in orjson.loads(raw_row).items()}
        if set(row) == {"text"}:
            return self._in_text(row["text"])
        companies = _companies(row.get("apikey"))
        user, payload = row.get(USER_COLUMN), row.get("parameters")
        return bool(
            user is not None and self._erased.holds(USER, user_key(str(user)), companies)
        ) or bool(payload and self._in_payload(str(payload), companies))

    def _in_text(self, text: str) -> bool:
        try:
            fields = list(chain.from_iterable(csv.reader(text.splitlines(keepends=True))))
        except csv.Error:
            fields = text.split(",")
        companies = {company_key(field) for field in fields}
        return self._in_payload(text, companies) or any(
            self._erased.holds(USER, user_key(field), companies) for field in fields
        )

    def _in_payload(self, payload: str, companies: set[str]) -> bool:
        """Whether a payload has the token of an erased person, or names the user id."""
        return (
            TOKEN in self._erased.kinds
            and "created" in payload
            and any(self._erased.holds(TOKEN, token, companies) for token in tokens_in(payload))
        ) or (
            USER in self._erased.kinds
            and any(self._erased.holds(USER, key, companies) for key in uuids_in(payload))
        )


def _chosen(rows: Rows, chosen: Mask) -> Rows:
    if chosen.all():
        return rows
    return Rows(rows.batch.filter(pa.array(chosen)), rows.numbers.filter(pa.array(chosen)))


def _companies(value: Any) -> set[str]:
    text = value.as_py() if isinstance(value, pa.Scalar) else value
    return set() if text is None else {company_key(str(text))}
