"""What `--input` names -> a folder or a store; credentials as dlt configures its filesystem source.

[sources.filesystem.credentials]       # .dlt/secrets.toml
aws_access_key_id = "…"
aws_secret_access_key = "…"
endpoint_url = "…"
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from dlt.common.configuration import resolve_configuration
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.storages.configuration import FilesystemConfiguration
from dlt.common.storages.fsspec_filesystem import fsspec_from_config
from fsspec import get_filesystem_class  # type: ignore[import-untyped]

from pipelines.consent.discovery.store import Store, reason
from pipelines.consent.errors import LoadError

_SECTIONS = ("sources", "filesystem")
_ARCHIVES = ("zip", "tar")

# The extra of pyproject.toml that brings a protocol's client.
_EXTRAS = {
    "s3": ("s3", "s3a"),
    "gcs": ("gs", "gcs"),
    "azure": ("az", "abfs", "abfss", "adl", "azure"),
    "sftp": ("sftp", "ssh"),
    "http": ("http", "https"),
}


def place_of(text: str) -> Path | Store:
    """The folder or the store that a person names.

    Raises:
        LoadError: nothing can open it.
    """
    if "://" not in text:
        return Path(text)
    if text.startswith("file://"):
        return Path(url2pathname(urlsplit(text).path))
    try:
        filesystem, root = _opened(text)
    except LoadError:
        raise
    except ConfigurationException as error:
        raise LoadError(
            f"{shown(text)} needs credentials that are not configured or not complete: write"
            " [sources.filesystem.credentials] into .dlt/secrets.toml"
        ) from error
    except Exception as error:  # each client raises its own errors, whose texts may hold secrets
        known = "nothing is there" if isinstance(error, FileNotFoundError) else reason(error)
        raise LoadError(f"{shown(text)} cannot be opened ({known}).") from None
    return Store(shown(text), filesystem, root)


def shown(url: str) -> str:
    """An address without user, password and query, for messages."""
    return re.sub(r"(?<=://)[^/@:]*(:[^/@]*)?@|\?[^:]*(?=::|$)", "", url)


def _opened(url: str) -> tuple[Any, str]:
    url = re.sub(r"^ssh://", "sftp://", url)  # dlt knows one name
    first, _, outer = url.partition("::")
    protocol, _, inside = first.partition("://")
    client = _client(protocol)
    if protocol == "sftp" and urlsplit(url).port:  # dlt passes one too, and two are an error
        raise LoadError(
            f"{shown(url)}: write the port as sftp_port into [sources.filesystem.credentials] of"
            " .dlt/secrets.toml, not into the address"
        )
    if protocol not in _ARCHIVES:
        configuration = resolve_configuration(
            FilesystemConfiguration(bucket_url=url, kwargs=_defaults(protocol)),
            sections=_SECTIONS,
        )
        return fsspec_from_config(configuration)
    archive, inside = (outer, inside) if outer else (inside, "")
    if "://" in archive:
        filesystem, path = _opened(archive)
        content = filesystem.open(path, "rb", block_size=4 << 20)
    else:
        content = Path(archive).open("rb")  # noqa: SIM115  (open as long as the archive is)
    return client(fo=content), inside.strip("/*")


def _defaults(protocol: str) -> dict[str, Any] | None:
    """What dlt's configuration may replace (`kwargs`).

    s3fs tries six times itself; botocore would try five times for each, which takes minutes.
    """
    return {"config_kwargs": {"retries": {"max_attempts": 0}}} if protocol == "s3" else None


def _client(protocol: str) -> Any:
    """The class that opens a protocol.

    Raises:
        LoadError: it is not known, or a package is missing.
    """
    try:
        return get_filesystem_class(protocol)
    except (ImportError, ValueError) as error:  # ValueError: no package that is there knows it
        extra = next((name for name, its in _EXTRAS.items() if protocol in its), None)
        if extra is None and isinstance(error, ValueError):
            raise LoadError(f"{protocol}:// is not a protocol that fsspec knows.") from None
        command = f"pip install -e '.[{extra}]'" if extra else "see fsspec's documentation"
        raise LoadError(f"{protocol}:// needs a client that is not installed: {command}") from None
