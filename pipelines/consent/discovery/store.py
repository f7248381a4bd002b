"""A store that fsspec opens (a bucket, a server, an archive) -> `FoundFile`s, as of a folder.

An object is fetched in blocks while it is read, never as a whole. What the listing says of it (the
etag or version, its size and its time stamp) decides whether it is fetched at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from errno import EACCES
from pathlib import Path
from threading import RLock
from typing import Any

import pyarrow as pa

from pipelines.consent.discovery.input_folder import FoundFile, Stamp, find, rule_for
from pipelines.consent.discovery.shared_blocks import BlockStream, SharedBlocks, explained
from pipelines.consent.errors import LoadError

# By what a store tells two contents of one path apart, and since when; the first that is there.
_VERSIONS = ("generation", "ETag", "etag", "md5Hash", "content_md5", "CRC")
_TIMES = ("LastModified", "last_modified", "updated", "Last-Modified", "mtime", "date_time")

# Requests at once for stores whose listing does not tell sizes.
_AT_ONCE = 16


@dataclass(frozen=True)
class StoredFile(FoundFile):
    """An object of a store; `key` is its name there."""

    key: str = ""
    store: Store | None = field(default=None, compare=False, repr=False)
    blocks: SharedBlocks | None = field(default=None, compare=False, repr=False)

    def open(self) -> pa.NativeFile:
        """The object's bytes, as a stream that can seek.

        Raises:
            OSError: the store does not give them.
        """
        assert self.blocks is not None
        return pa.PythonFile(BlockStream(self.blocks), mode="r")

    def read_together(self) -> AbstractContextManager[None]:
        """Within, each block is fetched once for all who read it from start to end."""
        assert self.blocks is not None
        return self.blocks.read_together()

    def stamp_now(self) -> Stamp:
        """The stamp that the object has now.

        Raises:
            OSError: it is no longer there, or the store does not answer.
        """
        assert self.store is not None
        try:
            with self.store.turn:
                self.store.filesystem.invalidate_cache()
                about = self.store.filesystem.info(self.key)
        except Exception as error:
            raise explained(error) from None
        return (int(about.get("size") or 0), _time_ns(about), 0, _version(about))


@dataclass(frozen=True)
class Store:
    """A place in a store: `root` is its name there, `name` its address without credentials.

    Whoever asks the store something while files are being read takes its `turn`: paramiko's client
    for sftp mixes up the answers to two threads.
    """

    name: str
    filesystem: Any
    root: str
    turn: RLock = field(default_factory=RLock, compare=False, repr=False)

    def __str__(self) -> str:
        return self.name

    def find(self, *, with_left_out: bool = False) -> list[FoundFile]:
        """Every object below the place, sorted by path.

        Args:
            with_left_out: objects that a rule leaves out are files like others.

        Raises:
            LoadError: the store cannot be listed, or has nothing there.
        """
        try:
            self.filesystem.invalidate_cache()
            listed = self.filesystem.find(self.root, detail=True)
            about = {key: info for key, info in listed.items() if _is_file(key, info)}
            self._ask_for_sizes(about)
        except FileNotFoundError:
            about = {}
        except Exception as error:
            raise LoadError(f"{self.name} cannot be listed ({reason(error)}).") from None
        if not about:
            # fsspec's client for the web calls every failure a missing file.
            silent = ", or does not answer" if self.name.startswith("http") else ""
            raise LoadError(
                f"{self.name} holds no objects{silent}: name the place of the delivery."
            )
        found = self._found(about, with_left_out=with_left_out)
        return sorted(found, key=lambda file: file.path)

    def _ask_for_sizes(self, about: dict[str, dict[str, Any]]) -> None:
        lacking = [key for key, info in about.items() if info.get("size") is None]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for key, info in zip(lacking, pool.map(self.filesystem.info, lacking), strict=True):
                about[key] = info

    def _found(
        self, about: dict[str, dict[str, Any]], *, with_left_out: bool
    ) -> Iterator[FoundFile]:
        folders: set[str] = set()
        for key, info in about.items():
            path = self._below(key)
            left_out = next(_left_out(path), None)
            if left_out is not None and not with_left_out:
                name, rule = left_out
                if name not in folders:
                    folders.add(name)
                    yield StoredFile(name, None, left_out=rule)
                continue
            yield self._file(key, path, info)

    def _file(self, key: str, path: str, info: dict[str, Any]) -> StoredFile:
        size = info.get("size")
        if not size:
            refusal = "empty: zero bytes" if size == 0 else "the server does not say its size"
            return StoredFile(path, None, refusal=refusal)
        turn = self.turn if "sftp" in self.filesystem.protocol else None
        return StoredFile(
            path,
            None,
            int(size),
            _time_ns(info),
            version=_version(info),
            is_dated=_time_ns(info) != 0,
            key=key,
            store=self,
            blocks=SharedBlocks(lambda: self._open(key, info), int(size), turn),
        )

    def _open(self, key: str, info: dict[str, Any]) -> Any:
        options: dict[str, Any] = {"cache_type": "none"}
        if "http" in self.filesystem.protocol and not info.get("partial"):
            options = {"block_size": 0}  # the server gives files as a whole only
        return self.filesystem.open(key, "rb", **options)

    def _below(self, key: str) -> str:
        root = self.root.rstrip("/")
        below = key.removeprefix(root).lstrip("/") if key != root else key.rsplit("/", 1)[-1]
        return below.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def files_of(place: Path | Store) -> list[FoundFile]:
    """Every file of a delivery, sorted by path, wherever it lies.

    Raises:
        LoadError: there is no delivery.
    """
    return place.find() if isinstance(place, Store) else find(place)


def _is_file(key: str, info: dict[str, Any]) -> bool:
    """Whether an object is a file; consoles make empty objects with a name as a folder has."""
    return info.get("type", "file") == "file" and not key.endswith("/")


def _left_out(path: str) -> Iterator[tuple[str, str]]:
    """The part of a path that a rule leaves out, and the rule."""
    parts = path.split("/")
    for at, part in enumerate(parts, 1):
        if (rule := rule_for(part)) is not None:
            yield "/".join(parts[:at]), rule


def _version(info: dict[str, Any]) -> str | None:
    found = next((info[name] for name in _VERSIONS if info.get(name) is not None), None)
    return None if found is None else str(found).strip('"')


def _time_ns(info: dict[str, Any]) -> int:
    """When an object was written, in nanoseconds since 1970; 0 if the store does not say.

    Whole seconds: some stores are more exact in a listing than about one object.
    """
    found: Any = next((info[name] for name in _TIMES if info.get(name) is not None), None)
    if isinstance(found, tuple):  # of a zip archive
        found = datetime(*found[:6])  # noqa: DTZ001
    elif isinstance(found, str):
        try:
            found = datetime.fromisoformat(found)
        except ValueError:
            found = parsedate_to_datetime(found)
    if isinstance(found, datetime):
        found = found.replace(tzinfo=found.tzinfo or UTC).timestamp()
    return int(found) * 10**9 if found is not None else 0


def reason(error: Exception) -> str:
    """Why a store cannot be asked, as a sentence without keys and addresses."""
    explanation = explained(error)
    if explanation.errno == EACCES:
        return (
            "the store refuses these credentials; they are in [sources.filesystem.credentials] of"
            " .dlt/secrets.toml"
        )
    return explanation.strerror or "the store does not answer"
