"""What identifies a person in a row: the USER_ID, or the consent token in the payload.

A user id that is shaped like a UUID also counts where a payload names it.

A token is known by the moment of its creation (`created` in PARAMETERS, to the millisecond). It
means a person only together with the company.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from pipelines.consent.checking.keys import company_key
from pipelines.consent.checking.timestamps import parse_time
from pipelines.consent.errors import LoadError

USER, TOKEN = "user", "token"

_UUID = re.compile(
    r"\{?[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}\}?", re.IGNORECASE
)
_UUID_IN_TEXT = re.compile(
    r"(?<![0-9a-z-])[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}(?![0-9a-z-])",
    re.IGNORECASE,
)
# For what is not a JSON object: a payload encoded twice, a malformed CSV row with doubled quotes.
_CREATED = re.compile(r'"+created"+\s*:\s*"+([^"]+)"')


class _Payload(msgspec.Struct):
    created: Any = None


_decode = msgspec.json.Decoder(_Payload).decode


@dataclass(frozen=True)
class Person:
    """A user id or a token, as `user_key` or `token_key` gives it; of one company, or of all."""

    kind: str
    key: str
    company: str | None = None

    @classmethod
    def named(cls, user_id: str | None, token: str | None, company: str | None) -> Person:
        """The person that a user names by one of the two.

        Raises:
            LoadError: what is given names nobody.
        """
        if company is not None and not company_key(company):
            raise LoadError("the company is blank")
        if token is not None:
            kind, key = TOKEN, token_key(token)
            if key is None:
                raise LoadError(
                    "a token is named by its time of creation: 2025-09-05T01:14:29.602Z"
                )
        else:
            kind, key = USER, user_key(user_id or "")
            if not key or "\0" in key:
                raise LoadError("the user id is blank")
        return cls(kind, key, None if company is None else company_key(company))


def user_key(text: str) -> str:
    """A USER_ID as the models compare it: without quotes and outer blanks, a UUID in lower case."""
    bare = text.replace('"', "").strip()
    return bare.lower() if is_uuid(bare) else bare


def is_uuid(key: str) -> bool:
    """Whether an id is shaped like a UUID, so that its case means nothing."""
    return _UUID.fullmatch(key) is not None


def uuids_in(payload: str) -> Iterator[str]:
    """The ids shaped like a UUID that a payload names anywhere, as `user_key` gives them."""
    return (found[0].lower() for found in _UUID_IN_TEXT.finditer(payload))


def token_key(text: str) -> str | None:
    """The moment of a token's creation in ISO 8601, UTC, with milliseconds; None if it is none."""
    created = parse_time(text)
    return created.isoformat(timespec="milliseconds") if created else None


def tokens_in(payload: str) -> Iterator[str]:
    """The tokens that a payload names: one, if it is JSON."""
    try:
        texts = [_decode(payload).created]
    except msgspec.DecodeError:
        texts = _CREATED.findall(payload.replace("\\", ""))
    for text in texts:
        if isinstance(text, str) and (key := token_key(text)):
            yield key
