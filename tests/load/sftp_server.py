"""A real sftp server on 127.0.0.1 (paramiko's) that shows one folder."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import paramiko

USER, PASSWORD = "someone", "a-password-of-sftp"


class _Login(paramiko.ServerInterface):  # type: ignore[misc]
    def check_auth_password(self, username: str, password: str) -> Any:
        fits = (username, password) == (USER, PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if fits else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> Any:
        return paramiko.OPEN_SUCCEEDED


class _Files(paramiko.SFTPServerInterface):  # type: ignore[misc]
    root: Path

    def _local(self, path: str) -> Path:
        return self.root / path.strip("/")

    def list_folder(self, path: str) -> Any:
        return [self._about(entry) for entry in sorted(self._local(path).iterdir())]

    def stat(self, path: str) -> Any:
        local = self._local(path)
        return self._about(local) if local.exists() else paramiko.SFTP_NO_SUCH_FILE

    lstat = stat

    def open(self, path: str, flags: int, attr: object) -> Any:
        handle = paramiko.SFTPHandle(flags)
        try:
            handle.readfile = self._local(path).open("rb")
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        return handle

    @staticmethod
    def _about(path: Path) -> Any:
        return paramiko.SFTPAttributes.from_stat(path.stat(), path.name)


@contextmanager
def running(root: Path) -> Iterator[int]:
    """The server's port."""
    files = type("Files", (_Files,), {"root": root})
    key = paramiko.RSAKey.generate(2048)
    listener = socket.create_server(("127.0.0.1", 0))
    open_: list[paramiko.Transport] = []

    def serve() -> None:
        with suppress(OSError, EOFError, paramiko.SSHException):
            while True:
                client, _ = listener.accept()
                transport = paramiko.Transport(client)
                open_.append(transport)
                transport.add_server_key(key)
                transport.set_subsystem_handler("sftp", paramiko.SFTPServer, files)
                transport.start_server(server=_Login())

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()
    for transport in open_:
        transport.close()
