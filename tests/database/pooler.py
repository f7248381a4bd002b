"""A small connection pooler: what PgBouncer does that matters here, without PgBouncer.

Each client logs in at a session of the server that the pooler opens for it. From then on, that
session belongs to the pool.
"""

import asyncio
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

Mode = Literal["session", "last used first", "in turn"]
"""`session`: a client keeps its session. The others are PgBouncer's transaction mode, with
server_round_robin = 0 and 1: a client gets a session for each transaction."""

_SSL, _GSS, _CANCEL = 80877103, 80877104, 80877102


class _Session:
    """A session of the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer


class _Pooler:
    def __init__(self, host: str, port: int, mode: Mode, takes_options: bool) -> None:
        self.server, self.mode, self.takes_options = (host, port), mode, takes_options
        self.free: list[_Session] = []
        self.open: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.append(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await _Client(self, reader, writer).run()
        writer.close()

    def take(self) -> _Session:
        return self.free.pop(0 if self.mode == "in turn" else -1)


class _Client:
    def __init__(
        self, pool: _Pooler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.pool, self.reader, self.writer = pool, reader, writer
        self.session: _Session | None = None
        self.answers: asyncio.Task[None] | None = None

    async def run(self) -> None:
        while True:
            (size,) = struct.unpack("!i", await self.reader.readexactly(4))
            body = await self.reader.readexactly(size - 4)
            (code,) = struct.unpack("!i", body[:4])
            if code not in (_SSL, _GSS):
                break
            self.writer.write(b"N")
        if code == _CANCEL:
            return
        if b"\0options\0" in body and not self.pool.takes_options:
            text = b"SFATAL\0C08P01\0Munsupported startup parameter: options\0\0"
            self.writer.write(b"E" + struct.pack("!i", len(text) + 4) + text)
            await self.writer.drain()
            return
        self.session = _Session(*await asyncio.open_connection(*self.pool.server))
        self.pool.open.append(self.session.writer)
        self.session.writer.write(struct.pack("!i", size) + body)
        self.answers = asyncio.create_task(self._answer())
        try:
            while True:
                await self._ask()
        finally:
            if self.session is not None:  # also in the middle of a transaction
                self.session.writer.close()

    async def _ask(self) -> None:
        kind = await self.reader.readexactly(1)
        (size,) = struct.unpack("!i", await self.reader.readexactly(4))
        body = await self.reader.readexactly(size - 4)
        if kind == b"X":
            raise ConnectionError
        if self.session is None:
            self.session = self.pool.take()
            self.answers = asyncio.create_task(self._answer())
        self.session.writer.write(kind + struct.pack("!i", size) + body)
        await self.session.writer.drain()

    async def _answer(self) -> None:
        session = self.session
        assert session is not None
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await session.reader.readexactly(5)
                body = await session.reader.readexactly(struct.unpack("!i", head[1:])[0] - 4)
                if head[:1] == b"Z" and body == b"I" and self.pool.mode != "session":
                    self.pool.free.append(session)
                    self.session = None
                self.writer.write(head + body)
                await self.writer.drain()
                if self.session is None:
                    return
        self.writer.close()


@contextmanager
def running(host: str, port: int, mode: Mode, *, takes_options: bool = True) -> Iterator[int]:
    """A pooler before that server, in a thread; yields its port on 127.0.0.1."""
    loop = asyncio.new_event_loop()
    pool = _Pooler(host, port, mode, takes_options)
    listener = loop.run_until_complete(asyncio.start_server(pool.serve, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield int(listener.sockets[0].getsockname()[1])
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        for writer in pool.open:
            writer.close()
        if tasks := asyncio.all_tasks(loop):
            loop.run_until_complete(asyncio.wait(tasks))
        loop.close()
