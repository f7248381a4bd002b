"""Contrast of two colours (WCAG), and how far apart they look to people who see fewer colours."""

from __future__ import annotations

from typing import Any

import numpy as np

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
VISIONS: dict[str, Any] = {
    "usual": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                            [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                              [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                            [0.004733, 0.691367, 0.303900]]),
}  # fmt: skip
_TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                    [0.0193339, 0.1191920, 0.9503041]])  # fmt: skip
_WHITE = np.array([0.95047, 1.0, 1.08883])


def linear(colour: str) -> Any:
    """#RRGGBB as linear red, green and blue between 0 and 1."""
    srgb = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio, from 1 to 21."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    low, high = sorted(float(weights @ linear(colour)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def distance(one: str, other: str, vision: str = "usual") -> float:
    """ΔE of CIEDE2000 between two colours as somebody with this vision sees them."""
    return _ciede2000(*(_lab(np.clip(VISIONS[vision] @ linear(c), 0, 1)) for c in (one, other)))


def mixed(stops: list[str], share: float) -> str:
    """The colour at a share of a scale, between its stops (as Vega interpolates: in sRGB)."""
    place = share * (len(stops) - 1)
    first = min(int(place), len(stops) - 2)
    ends = [np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) for c in stops[first : first + 2]]
    red, green, blue = np.round(ends[0] + (ends[1] - ends[0]) * (place - first)).astype(int)
    return f"#{red:02X}{green:02X}{blue:02X}"


def _lab(rgb: Any) -> Any:
    xyz = _TO_XYZ @ rgb / _WHITE
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def _ciede2000(one: Any, other: Any) -> float:
    """Sharma, Wu and Dalal (2005)."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(mean**7 / (mean**7 + 25.0**7)))
    a1, a2 = (1 + g) * a1, (1 + g) * a2
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    dl, dc, dh = l2 - l1, c2 - c1, (h2 - h1 + 180) % 360 - 180
    if c1 * c2 == 0:
        dh = 0.0
    d_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(dh / 2))
    lm, cm, hm = (l1 + l2) / 2, (c1 + c2) / 2, (h1 + dh / 2) % 360
    waves = ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.20, 4, -63))
    t = 1 + sum(height * np.cos(np.radians(n * hm + shift)) for height, n, shift in waves)
    sl = 1 + 0.015 * (lm - 50) ** 2 / np.sqrt(20 + (lm - 50) ** 2)
    sc, sh = 1 + 0.045 * cm, 1 + 0.015 * cm * t
    turn = np.radians(60 * np.exp(-(((hm - 275) / 25) ** 2)))
    rt = -np.sin(turn) * 2 * np.sqrt(cm**7 / (cm**7 + 25.0**7))
    parts = dl / sl, dc / sc, d_hue / sh
    return float(np.sqrt(sum(p**2 for p in parts) + rt * parts[1] * parts[2]))
