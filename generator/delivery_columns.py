"""Events as the columns of a delivery: Arrow text for Parquet, quoted text for CSV."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .companies import HOUR_MS, Company
from .events import Events
from .payloads import Book, make_book
from .people import NEVER, PARTIAL
from .public_names import MOBILE_CLIENTS, WEB_CLIENTS
from .randomness import Bytes16
from .sampling import TYPES
from .settings import Settings
from .tally import STATUSES

COLUMNS = (
    "EVENT_ID", "TYPE", "RATE", "PARAMETERS", "EVENT_TIME", "WINDOW_START", "APIKEY", "CONSENT",
    "COUNT", "EXPERIMENT", "SDK_TYPE", "DOMAIN", "DEPLOYMENT_ID", "COUNTRY", "REGION",
    "BROWSER_FAMILY", "DEVICE_TYPE",
)  # fmt: skip
_HEX = np.frombuffer("".join(f"{i:02x}" for i in range(256)).encode(), dtype=np.uint8).reshape(
    256, 2
)


def columns(user_id: bool) -> list[str]:
    """Return the column names of a file, in order."""
    return [COLUMNS[0], "USER_ID", *COLUMNS[1:]] if user_id else list(COLUMNS)


class Renderer:
    """Renders the rows of one company as a dict of Arrow arrays, one per column (also USER_ID).

    With `csv`, every array is text, quoted where necessary; a missing value is an empty text.
    """

    def __init__(self, company: Company, settings: Settings, csv: bool) -> None:
        self._company, self._settings, self._csv = company, settings, csv
        self._book = make_book(company, settings)
        self._heads = self._texts(self._quoted(self._book, 0))
        self._middles = self._texts(self._quoted(self._book, 1))
        self._tails = self._texts(self._quoted(self._book, 2))
        clients = WEB_CLIENTS + MOBILE_CLIENTS
        self._browsers = self._texts([browser for browser, _, _ in clients])
        self._devices = self._texts([device for _, device, _ in clients])
        self._countries = self._texts([_in_quotes(c, csv) for c in company.places.countries])
        self._regions = self._texts([_in_quotes(r, csv) for r in company.places.regions])
        self._deployments = self._texts([*company.deployments, None])

    def __call__(self, events: Events) -> dict[str, pa.Array]:
        """Return the columns of these rows."""
        n, profile = len(events), self._company.profile
        arrays = {
            "EVENT_ID": id_text(events.ids, dashes=not profile.hex_ids),
            "USER_ID": id_text(events.user_ids, dashes=True),
            "TYPE": self._texts(list(TYPES)).take(pa.array(events.type)),
            "RATE": self._rates(events.rate),
            "PARAMETERS": self._parameters(events),
            "EVENT_TIME": self._times(events.time),
            "WINDOW_START": self._times(events.time // HOUR_MS * HOUR_MS),
            "APIKEY": pa.repeat(self._company.key, n),
            "CONSENT": self._consents(events),
            "COUNT": pa.array(events.count),
            "EXPERIMENT": self._arms(events),
            "SDK_TYPE": self._texts(["sdk-mobile", "sdk-web"]).take(
                pa.array(events.web.astype(np.uint8))
            ),
            "DOMAIN": pa.repeat(self._company.domain, n),
            "DEPLOYMENT_ID": self._deployments.take(
                pa.array(events.deployment % len(self._deployments))
            ),
            "COUNTRY": self._countries.take(pa.array(events.place)),
            "REGION": self._regions.take(pa.array(events.place)),
            "BROWSER_FAMILY": self._browsers.take(pa.array(events.client)),
            "DEVICE_TYPE": self._devices.take(pa.array(events.client)),
        }
        if self._csv:
            arrays["COUNT"] = arrays["COUNT"].cast(pa.string())
        return arrays

    def _texts(self, values: list[str] | list[str | None]) -> pa.Array:
        if self._csv:
            values = [value or "" for value in values]
        return pa.array(values, pa.string())

    def _quoted(self, book: Book, part: int) -> list[str]:
        """Return heads, middles or tails; for CSV with quotes doubled, heads opening one."""
        texts = (book.heads, book.middles, book.tails)[part].texts
        if not self._csv:
            return texts
        doubled = [text.replace('"', '""') for text in texts]
        opened = [f'"{text}' if text else "" for text in doubled]
        return (opened, doubled, doubled)[part]

    def _parameters(self, events: Events) -> pa.Array:
        if self._settings.payload == "none":
            return pa.repeat("", len(events)) if self._csv else pa.nulls(len(events), pa.string())
        head, middle, tail = (pa.array(index) for index in self._book.choose(events))
        present = pc.not_equal(self._heads.take(head), "")
        closing = pa.array(["", '"' if self._csv else ""]).take(present.cast(pa.uint8()))
        text = pc.binary_join_element_wise(
            self._heads.take(head), _iso_times(events.created), self._middles.take(middle),
            _iso_times(events.updated), self._tails.take(tail), closing, "",
        )  # fmt: skip
        return text if self._csv else pc.if_else(present, text, pa.scalar(None, pa.string()))

    def _times(self, time_ms: npt.NDArray[np.int64]) -> pa.Array:
        """Return `2025-10-06 09:52:16.123`, or `2025-10-06 9:52:16` for companies without ms."""
        if self._company.profile.milliseconds:
            return pa.array(time_ms).cast(pa.timestamp("ms")).cast(pa.string())
        text = pa.array(time_ms // 1000).cast(pa.timestamp("s")).cast(pa.string())
        return pc.replace_substring(text, " 0", " ")

    def _rates(self, rate: npt.NDArray[np.float64]) -> pa.Array:
        if not self._csv:
            return pa.array(rate, mask=np.isnan(rate))
        values, index = np.unique(rate, return_inverse=True)
        texts = ["" if np.isnan(v) else f"{v:.10f}".rstrip("0").rstrip(".") for v in values]
        return pa.array(texts).take(pa.array(index))

    def _consents(self, events: Events) -> pa.Array:
        """Return the status; some rows, picked by their id, say `partial` as older ones do."""
        old = (events.consent == PARTIAL) & (
            events.ids[:, 15] < round(256 * self._company.profile.old_partial)
        )
        return self._texts([*STATUSES, "partial"]).take(pa.array(np.where(old, 4, events.consent)))

    def _arms(self, events: Events) -> pa.Array:
        if self._settings.experiment:
            return pa.array(["control", "variant"]).take(pa.array(events.arm.astype(np.uint8)))
        return pa.repeat("", len(events)) if self._csv else pa.nulls(len(events), pa.float64())


def id_text(ids: Bytes16, dashes: bool) -> pa.Array:
    """Return ids, shape (rows, 16), as UUIDs or as 32 hex digits."""
    hexes = _HEX[ids].reshape(len(ids), 32)
    if dashes:
        hexes = np.insert(hexes, (8, 12, 16, 20), ord("-"), axis=1)
    width = hexes.shape[1]
    offsets = np.arange(0, (len(ids) + 1) * width, width, dtype=np.int32)
    data = pa.py_buffer(np.ascontiguousarray(hexes).tobytes())
    return pa.StringArray.from_buffers(len(ids), pa.py_buffer(offsets.tobytes()), data)


def _iso_times(time_ms: npt.NDArray[np.int64]) -> pa.Array:
    """Return `2025-10-06T09:52:16.123`, empty where NEVER; the next text starts with Z."""
    has_time = time_ms != NEVER
    index = np.cumsum(has_time) * has_time
    text = pa.array(time_ms[has_time]).cast(pa.timestamp("ms")).cast(pa.string())
    filled = pa.concat_arrays([pa.array([""]), pc.replace_substring(text, " ", "T")])
    return filled.take(pa.array(index))


def _in_quotes(code: str | None, csv: bool) -> str | None:
    """Return a code in the literal quotes that deliveries put around it."""
    if code is None:
        return None
    return f'"""{code}"""' if csv else f'"{code}"'
