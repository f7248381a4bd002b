"""A CSV file -> record batches of text columns, their rows numbered, and its malformed rows.

Values stay text, so that a value which does not cast costs its row and not the file.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.csv

from pipelines.consent.batches import MalformedRow, Rows
from pipelines.consent.discovery.csv_dialect import other_encoding
from pipelines.consent.discovery.file_kind import FileKind, unreadable
from pipelines.consent.discovery.input_folder import FoundFile
from pipelines.consent.errors import FileRefusedError
from pipelines.consent.reading.columns import with_names
from pipelines.consent.reading.plain_csv import has_quotes, plain_csv

# Larger blocks are hardly faster and cost memory; a row larger than a block cannot be read.
CSV_BLOCK_BYTES = 4 << 20

# Bytes of malformed records that are held in memory until a good row comes. A file with more of
# them has a header that does not fit its rows.
MALFORMED_BYTES = 32 << 20


def read_csv(found: FoundFile, kind: FileKind) -> Iterator[Rows | list[MalformedRow]]:
    """Yields text columns, empty as null; between them, records with another number of fields.

    Raises:
        FileRefusedError: not UTF-8, a row over the block size, or more malformed rows in sequence
            than are kept in memory.
    """
    malformed = _Malformed()
    names = kind.dialect.names
    try:
        batches = pyarrow.csv.open_csv(
            plain_csv(found.open(), kind),
            # With several threads, Arrow does not know the numbers of malformed rows; one is as
            # fast.
            read_options=pyarrow.csv.ReadOptions(
                block_size=CSV_BLOCK_BYTES,
                use_threads=False,
                column_names=names if kind.dialect.differ else None,
                skip_rows_after_names=int(kind.dialect.differ),
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=kind.dialect.separator,
                quote_char='"' if has_quotes(kind) else False,
                newlines_in_values=has_quotes(kind),
                invalid_row_handler=malformed.note,
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                # Other words for nothing are told by the checks: NA can be Namibia.
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
        for batch in batches:
            yield Rows(with_names(batch, kind), malformed.number(batch.num_rows))
            if rows := malformed.take():
                yield rows
    except UnicodeDecodeError:
        raise other_encoding() from None
    except pa.ArrowInvalid as error:
        # A header without a line end is a file without rows; Arrow cannot tell.
        if "Empty CSV file" not in str(error):
            raise FileRefusedError(malformed.refusal or _reason(str(error))) from None
    except OSError as error:
        raise FileRefusedError(unreadable(error), for_now=bool(error.errno)) from error
    if rows := malformed.take():
        yield rows


class _Malformed:
    """Records with another number of fields than the header, as Arrow reports them."""

    def __init__(self) -> None:
        self.refusal: str | None = None
        self._rows: list[MalformedRow] = []
        self._numbers: list[int] = []
        self._bytes = 0
        self._seen = 0

    def note(self, row: pyarrow.csv.InvalidRow) -> str:
        """Keeps a record; Arrow counts the header as row 1."""
        self._rows.append(
            MalformedRow(row.number - 1, row.text, row.expected_columns, row.actual_columns)
        )
        self._numbers.append(row.number - 1)
        self._bytes += len(row.text)
        if self._bytes > MALFORMED_BYTES:
            self.refusal = "most of its rows have another number of fields than its header"
        return "error" if self.refusal else "skip"

    def take(self) -> list[MalformedRow]:
        """The records since the last call."""
        rows, self._rows, self._bytes = self._rows, [], 0
        return rows

    def number(self, count: int) -> pa.Int64Array:
        """Numbers of the next `count` well-formed rows: those of malformed rows are left out.

        Arrow reads ahead: it may have reported malformed rows of later batches already.
        """
        self._numbers = [number for number in self._numbers if number > self._seen]
        last = self._seen + count + len(self._numbers)
        numbers = np.arange(self._seen + 1, last + 1, dtype=np.int64)
        if self._numbers:
            numbers = numbers[~np.isin(numbers, self._numbers)]
        numbers = numbers[:count]
        if count:
            self._seen = int(numbers[-1])
        return pa.array(numbers)


def _reason(message: str) -> str:
    # A record with another number of fields is skipped, unless its text is not UTF-8.
    if "UTF8" in message or "Expected" in message:
        return str(other_encoding())
    if "straddling" in message:
        megabytes = CSV_BLOCK_BYTES / (1 << 20)
        return f"a row larger than {megabytes:g} MB, or a broken quote"
    return "not a CSV file that can be read"
