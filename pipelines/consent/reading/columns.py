"""The columns of a batch as the file has them -> those of the raw table, by position."""

from __future__ import annotations

import pyarrow as pa

from pipelines.consent.discovery.file_kind import FileKind


def with_names(batch: pa.RecordBatch, kind: FileKind) -> pa.RecordBatch:
    """Renames columns, leaves out those without a name, and adds those of the file's folders."""
    if not kind.partitions and list(kind.columns) == batch.schema.names:
        return batch
    named = {n: batch.column(at) for at, n in enumerate(kind.columns) if n is not None}
    for name, value in kind.partitions:
        named[name] = pa.repeat(pa.scalar(value, pa.string()), batch.num_rows)
    return pa.RecordBatch.from_arrays(list(named.values()), names=list(named))
