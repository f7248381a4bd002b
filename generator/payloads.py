"""PARAMETERS, pretty-printed: every payload is head + created + middle + updated + tail.

Heads, middles and tails are rendered once per company, in several variants (fragments.py). A row
only picks three of them, so a payload of 4 KB costs a copy instead of a JSON dump.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .companies import Company
from .events import Events
from .fragments import block, dump, middle, tail, typed
from .people import EMPTY, FULL, OPT_OUT, PARTIAL
from .randomness import generator, short_id
from .sampling import ASKED, GIVEN, PAGEVIEW, UI_ACTION
from .settings import Settings
from .vendors import Notice, make_notices

ACTIONS = (None, "click", "external", "webview")
UI_ACTIONS = (
    "shownpurposes",
    "shownpurposes",
    "shownpurposes",
    "purposechanged",
    "shownvendors",
    "vendorchanged",
)
PAGEVIEW_WITH_PAYLOAD = 0.03
LONG_LIST_SHARE = 0.03
_VARIANTS = {FULL: 12, PARTIAL: 30, OPT_OUT: 12, EMPTY: 4}
Ints = npt.NDArray[np.int64]
Kind = tuple[int, bool, int, int]


@dataclass
class Texts:
    """One list of texts, with a range of it for each kind of row."""

    texts: list[str] = field(default_factory=list)
    stretches: dict[object, tuple[int, int]] = field(default_factory=dict)

    def add(self, kind: object, texts: list[str]) -> None:
        """Append the texts of one kind."""
        self.stretches[kind] = (len(self.texts), len(texts))
        self.texts += texts


@dataclass(frozen=True)
class Book:
    """All heads, middles and tails of one company. Text 0 of each is empty."""

    heads: Texts
    middles: Texts
    tails: Texts

    def choose(self, events: Events) -> tuple[Ints, Ints, Ints]:
        """Return the positions of each row's head, middle and tail; head 0 means no payload."""
        chosen = [np.zeros(len(events), dtype=np.int64) for _ in range(3)]
        codes = ((events.type * 2 + events.web) * 4 + events.consent).astype(
            np.int64
        ) * 4 + events.action
        for code in np.unique(codes):
            rows = np.flatnonzero(codes == code)
            draws = events.draw[rows]
            kind = (int(code) // 32, bool(code // 16 % 2), int(code) // 4 % 4, int(code) % 4)
            for part, (texts, key) in enumerate(self._parts(kind)):
                start, size = texts.stretches.get(key, (0, 1))
                # a different digit of the same draw for each part
                digits = draws * (1, 977, 9973)[part] % 1
                chosen[part][rows] = start + (digits * size).astype(np.int64)
        return chosen[0], chosen[1], chosen[2]

    def _parts(self, kind: Kind) -> list[tuple[Texts, object]]:
        event_type, web, status, action = kind
        if event_type == GIVEN:
            body = (GIVEN, web, status)
            return [(self.heads, (GIVEN, web, action)), (self.middles, body), (self.tails, body)]
        key = (event_type, web)
        return [(self.heads, key), (self.middles, key), (self.tails, key)]


def make_book(company: Company, settings: Settings) -> Book:
    """Render the payloads of one company."""
    book = Book(Texts(), Texts(), Texts())
    for texts in (book.heads, book.middles, book.tails):
        texts.add(None, [""])
    if settings.payload == "none":
        return book
    rng = generator(settings.seed, "payloads", company.number)
    notices = make_notices(company, settings)
    _add_small_ones(book, rng)
    for web in (False, True):
        _add_asked(book, notices, web)
        _add_given(book, notices, web, settings, rng)
    return book


def _add_small_ones(book: Book, rng: np.random.Generator) -> None:
    """Add the payloads of ui.action, and those of pageview, most of which are empty."""
    category, purpose = short_id(rng, 6), f"preference-{short_id(rng)}"
    ui = []
    for name in UI_ACTIONS:
        payload: dict[str, object] = {"action": f"preferences.{name}"}
        ui.append(dump(payload))
        if name == "purposechanged":
            ui.append(dump({**payload, "category": True, "categoryId": category}))
            ui.append(dump({**payload, "category": False, "purposeId": purpose}))
    views = [dump({"features": ["get-user-status"]}), dump({"gcm_error": "gtag_events"})]
    views += [""] * round(len(views) / PAGEVIEW_WITH_PAYLOAD)
    for web in (False, True):
        book.heads.add((UI_ACTION, web), ui)
        book.heads.add((PAGEVIEW, web), views if web else [""])


def _add_asked(book: Book, notices: tuple[Notice, Notice], web: bool) -> None:
    notice = notices[0]
    heads = []
    for position in ("popup", "bottom"):
        purposes = (
            f"{block('purposes', notice.purposes)},\n{block('purposes_li', notice.purposes_li)}"
        )
        heads.append(f'{{\n  "position": "{position}",\n{purposes},\n')
    book.heads.add((ASKED, web), heads)
    both = []
    for listed in (notice, *([notices[1]] if notices[1] is not notice else [])):
        vendors = typed(listed.vendors, web), typed(listed.vendors_li, web)
        both.append(f"{block('vendors', vendors[0])},\n{block('vendors_li', vendors[1])}\n}}")
    book.tails.add((ASKED, web), [both[0]] * round(1 / LONG_LIST_SHARE - 1) + both[1:])


def _add_given(
    book: Book,
    notices: tuple[Notice, Notice],
    web: bool,
    settings: Settings,
    rng: np.random.Generator,
) -> None:
    for action, name in enumerate(ACTIONS):
        line = f'  "action": "{name}",\n' if name else ""
        book.heads.add((GIVEN, web, action), [f"{{\n{line}" + ('  "created": "' if web else "")])
    for status, variants in _VARIANTS.items():
        middles = [middle(notices[0], web, status, settings, rng) for _ in range(variants)]
        long = round(variants * LONG_LIST_SHARE + 0.5) if status != EMPTY else 0
        tails = [tail(notices[0], web, status, rng) for _ in range(variants)]
        if notices[1] is not notices[0] and long:
            tails = tails * 2 + [tail(notices[1], web, status, rng) for _ in range(long)]
        book.middles.add((GIVEN, web, status), middles)
        book.tails.add((GIVEN, web, status), tails)
