"""A real S3 protocol server on 127.0.0.1 (moto's), behind a proxy that can cut, slow and count."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

BUCKET = "deliveries"
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


@dataclass
class Faults:
    """What goes wrong between the load and the server, for requests that `matches` accepts.

    Bytes of an answer after which the connection is cut, how often, and seconds before an answer.
    """

    matches: Callable[[str], bool] = lambda _: False
    cut_after: int | None = None
    times: int = 1_000_000
    delay: float = 0
    before: Callable[[str], None] = lambda _: None


class Proxy:
    """Passes connections on to the server, one request per connection."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self.faults = Faults()
        self.answer: bytes | None = None
        """Given instead of the server's."""
        self.requests: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def reads(self) -> list[str]:
        """Requests for objects' bytes, as `GET /bucket/key`."""
        return [r for r in self.requests if r.startswith("GET") and "?" not in r and "." in r]

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head and (piece := client.recv(65536)):
                head += piece
            if not head:
                return
            line = head.split(b"\r\n", 1)[0].decode().rsplit(" ", 1)[0]
            self.requests.append(line)
            faults = self.faults
            hit = faults.matches(line) and faults.times > 0
            if hit:
                faults.times -= 1
                faults.before(line)
                time.sleep(faults.delay)
            if self.answer is not None:
                client.sendall(self.answer)
                return
            lines = head.split(b"\r\n")
            lines[1:1] = [b"Connection: close"]
            kept = [x for x in lines if not x.lower().startswith(b"connection: keep")]
            with socket.create_connection(self.target) as server:
                server.sendall(b"\r\n".join(kept))
                left = faults.cut_after if hit else None
                while piece := server.recv(65536):
                    if left is not None:
                        piece, left = piece[:left], left - len(piece)
                    client.sendall(piece)
                    if left is not None and left <= 0:
                        return


@dataclass
class Store:
    """A bucket, its objects written past the proxy."""

    client: Any
    proxy: Proxy
    url: str = f"s3://{BUCKET}/in"

    def put(self, path: str, content: bytes) -> None:
        self.client.put_object(Bucket=BUCKET, Key=f"in/{path}", Body=content)

    def delete(self, path: str) -> None:
        self.client.delete_object(Bucket=BUCKET, Key=f"in/{path}")


@contextmanager
def running() -> Iterator[Store]:
    """The server, with an empty bucket."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{host}:{port}",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        region_name="us-east-1",
    )
    client.create_bucket(Bucket=BUCKET)
    proxy = Proxy((host, port))
    yield Store(client, proxy)
    proxy.close()
    server.stop()
