"""Sends alerts to a web address; what it says about a failure never holds more than the host.

The path, the query and the user of a webhook's address are often the secret itself.
"""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

SECONDS = 10


class WebhookError(Exception):
    """The webhook was not told; the message is one sentence without secrets."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST would become a GET, which tells nobody anything."""

    def redirect_request(self, *_: Any) -> None:
        return None


def checked_host(url: str) -> str:
    """Return the host of a webhook's address; raise WebhookError where it cannot be one."""
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or not url.isascii() or not url.isprintable() or " " in url:
        raise WebhookError(
            "The address of the webhook cannot be used: it must be https://HOST/… or http://HOST/…,"
            " in ASCII and without blanks."
        )
    return str(parts.hostname)


def send(url: str, content: dict[str, Any]) -> None:
    """POST `content` as JSON; raise WebhookError where no 2xx answer comes within 10 seconds."""
    host = checked_host(url)
    headers = {"Content-Type": "application/json", "User-Agent": "consent-alerts"}
    request = urllib.request.Request(url, json.dumps(content).encode(), headers)
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=SECONDS):
            return
    except urllib.error.HTTPError as error:
        error.close()
        what = f"answered {error.code}"
    except (OSError, http.client.HTTPException, ValueError) as error:
        is_slow = isinstance(getattr(error, "reason", error), TimeoutError)
        what = f"did not answer within {SECONDS} s" if is_slow else "cannot be reached"
    raise WebhookError(f"The webhook at {host} {what}, so the alerts may not have arrived.")
