"""The bytes of one object in a store, in blocks that its readers share.

A file is read by two threads side by side, one for the rows and one for the hash. Both take the
blocks from here, so that each is fetched once and only a few are in memory. For that, the faster
one waits for the slower one.
"""

from __future__ import annotations

import errno
import io
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from threading import Condition
from typing import Any

BLOCK_BYTES = 4 << 20
BLOCKS_HELD = 8
BLOCKS_AHEAD = 4
"""Of the slowest reader. The others are for one that moves within a row group."""

# A reader that has not moved for so long may be done, or wait for the other one.
PATIENCE_SECONDS = 2

GONE = "it is no longer there"
WRITTEN = "it was written to while being read"


_OF_CREDENTIALS = re.compile("Authenticat|Credential")


class StoreError(OSError):
    """What a store did; `strerror` is a sentence without keys and addresses."""


class SharedBlocks:
    """The blocks of one object; the connection is open while somebody reads.

    Args:
        opener: gives a file object for the bytes, which may be unable to seek.
        size: of the object in bytes.
        turn: is held during a request, for clients that take only one at a time.
    """

    def __init__(
        self,
        opener: Callable[[], Any],
        size: int,
        turn: AbstractContextManager[Any] | None = None,
    ) -> None:
        self.size = size
        self._turn = turn or nullcontext()
        self._opener = opener
        self._moved = Condition()
        self._held: OrderedDict[int, bytes] = OrderedDict()
        self._positions: dict[BlockStream, int] = {}
        self._passed: set[BlockStream | None] = set()
        # Readers of Parquet begin at its end and jump. Where one of them was last counts for all.
        self._jumpers: set[BlockStream] = set()
        self._jumped_to = 0
        self._is_paced = False
        self._entered = 0
        self._source: Any = None

    @contextmanager
    def read_together(self) -> Iterator[None]:
        """Within, readers that go forward stay so close that they share each block."""
        self._is_paced, self._entered = True, 0
        try:
            yield
        finally:
            with self._moved:
                self._is_paced = False
                self._moved.notify_all()
                self._close_if_unused()

    def enter(self, reader: BlockStream) -> None:
        """A reader begins."""
        with self._moved:
            self._positions[reader] = -1
            self._entered += 1
            self._moved.notify_all()

    def leave(self, reader: BlockStream) -> None:
        """A reader ends; the last one closes the connection."""
        with self._moved:
            self._positions.pop(reader, None)
            self._passed.discard(reader)
            self._jumpers.discard(reader)
            self._moved.notify_all()
            self._close_if_unused()

    def block(self, number: int, reader: BlockStream) -> bytes:
        """A block by its number.

        Raises:
            StoreError: the store does not give it.
        """
        with self._moved:
            before = self._positions.get(reader, -1)
            if number != before:
                if number == before + 1:
                    self._wait_for_others(number, reader)
                else:
                    self._jumpers.add(reader)
                self._positions[reader] = number
                self._passed.discard(reader)
                is_last = (number + 1) * BLOCK_BYTES >= self.size
                if reader in self._jumpers and not is_last:
                    self._jumped_to = number
                    self._passed.discard(None)
                self._moved.notify_all()
            if number in self._held:
                self._held.move_to_end(number)
                return self._held[number]
            try:
                with self._turn:
                    data = self._fetch(number * BLOCK_BYTES)
            except Exception as error:
                self._close()
                raise explained(error) from None
            self._held[number] = data
            if len(self._held) > BLOCKS_HELD:
                # One that every reader has passed, or the one that was not used for longest.
                slowest = min(self._watched().values(), default=0)
                self._held.pop(next((n for n in self._held if n < slowest), next(iter(self._held))))
            return data

    def _watched(self) -> dict[BlockStream | None, int]:
        """Where readers are that go from start to end, and where the last jump went (None)."""
        found: dict[BlockStream | None, int] = {
            reader: at for reader, at in self._positions.items() if reader not in self._jumpers
        }
        return found | ({None: self._jumped_to} if self._jumpers else {})

    def _wait_for_others(self, number: int, reader: BlockStream) -> None:
        """Waits until the slowest of the others is so near that its next block is still held."""
        own = {reader, None} if reader in self._jumpers else {reader}
        while self._is_paced and number >= BLOCKS_AHEAD:
            behind = {
                other
                for other, at in self._watched().items()
                if number - at >= BLOCKS_AHEAD and other not in self._passed | own
            }
            if not behind and self._entered > 1:
                return
            if not self._moved.wait(PATIENCE_SECONDS):
                self._entered = 2  # nobody comes
                self._passed |= behind

    def _fetch(self, start: int) -> bytes:
        source = self._at(start)
        wanted = min(BLOCK_BYTES, self.size - start)
        parts: list[bytes] = []
        while wanted > 0 and (part := source.read(wanted)):
            parts.append(part)
            wanted -= len(part)
        if wanted > 0:
            raise StoreError(errno.EIO, "the store sent fewer bytes than it lists")
        return b"".join(parts)

    def _at(self, start: int) -> Any:
        """The connection at an offset; one that cannot seek is opened again to go back."""
        if self._source is None:
            self._source = self._opener()
        if self._source.tell() == start:
            return self._source
        try:
            self._source.seek(start)
        except ValueError:
            if self._source.tell() > start:
                self._close()
                self._source = self._opener()
            while (left := start - self._source.tell()) > 0:
                if not self._source.read(min(left, BLOCK_BYTES)):
                    break
        return self._source

    def _close_if_unused(self) -> None:
        if not self._positions and not self._is_paced:
            self._held.clear()
            self._close()

    def _close(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            # What is read is read, whatever the end of the connection says.
            with self._turn, suppress(Exception):
                source.close()


class BlockStream(io.RawIOBase):
    """A stream over shared blocks that can seek.

    Each read gives as much as is asked for: Arrow takes a short one for a whole block.
    """

    def __init__(self, blocks: SharedBlocks) -> None:
        self._blocks = blocks
        self._position = 0
        blocks.enter(self)

    def read(self, size: int | None = -1) -> bytes:
        """Bytes from the position on."""
        left = self._blocks.size - self._position
        left = left if size is None or size < 0 else min(size, left)
        parts = []
        while left > 0:
            number, offset = divmod(self._position, BLOCK_BYTES)
            part = self._blocks.block(number, self)[offset : offset + left]
            parts.append(part)
            self._position += len(part)
            left -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves the position."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._blocks.size}
        self._position = max(0, start[whence] + offset)
        return self._position

    def tell(self) -> int:
        """The position."""
        return self._position

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def close(self) -> None:
        """Ends the reading, once."""
        if not self.closed:
            self._blocks.leave(self)
        super().close()


def explained(error: BaseException) -> StoreError:
    """An error of a store as one with a sentence; its own message may hold keys and addresses."""
    names = {type(cause).__name__ for cause in _chain(error)}
    if isinstance(error, StoreError):
        return error
    if isinstance(error, FileNotFoundError):
        return StoreError(errno.ENOENT, GONE)
    if isinstance(error, PermissionError) or any(map(_OF_CREDENTIALS.search, names)):
        return StoreError(errno.EACCES, "the store refuses it to these credentials")
    if "FileExpired" in names:
        return StoreError(errno.ESTALE, WRITTEN)
    if any("Timeout" in name for name in names):
        return StoreError(errno.ETIMEDOUT, "the store did not answer in time")
    return StoreError(errno.EIO, f"the connection to the store failed: {type(error).__name__}")


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
