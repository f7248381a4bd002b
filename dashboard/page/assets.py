"""The page's style and its script, which contains Vega, so that nothing comes from a network."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import vl_convert

FOLDER = Path(__file__).parent


@cache
def style() -> str:
    """The style sheet."""
    return (FOLDER / "style.css").read_text(encoding="utf-8")


@cache
def script() -> str:
    """Our script with Vega, Vega-Lite and Vega-Embed in front; bundling takes two seconds."""
    return vl_convert.javascript_bundle((FOLDER / "page.js").read_text(encoding="utf-8"))


def version(text: str) -> str:
    """A name that changes with the text, so that browsers may keep it for good."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
