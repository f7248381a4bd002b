"""All random draws: one generator per (seed, stream, numbers), and the ids made from it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bytes16 = npt.NDArray[np.uint8]
_STREAMS = {"company": 1, "block": 2, "vendors": 3, "payloads": 4, "directory": 5}
# Short ids use only letters and digits that cannot be mistaken for one another.
_ALPHABET = "ABCDEFGHJKLMNPQRTUVWXYZabcdefghijkmnpqrtwxyz2346789"


def generator(seed: int, stream: str, *numbers: int) -> np.random.Generator:
    """Return the random generator of `stream` for these numbers (company, block, …)."""
    return np.random.Generator(np.random.PCG64([seed, _STREAMS[stream], *numbers]))


def random_ids(rng: np.random.Generator, size: int) -> Bytes16:
    """Return `size` ids of 16 random bytes each, shape (size, 16), marked as UUIDs version 4."""
    ids = np.frombuffer(rng.bytes(16 * size), dtype=np.uint8).reshape(size, 16).copy()
    ids[:, 6] = ids[:, 6] & 0x0F | 0x40
    ids[:, 8] = ids[:, 8] & 0x3F | 0x80
    return ids


def short_id(rng: np.random.Generator, length: int = 8) -> str:
    """Return a short mixed-case id, as deployments have."""
    return "".join(_ALPHABET[int(x * len(_ALPHABET))] for x in rng.random(length))


def uuid_text(rng: np.random.Generator) -> str:
    """Return one UUID as text."""
    text = random_ids(rng, 1).tobytes().hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def pick(
    cumulative: npt.NDArray[np.float64], draws: npt.NDArray[np.float64]
) -> npt.NDArray[np.intp]:
    """Return the index of each uniform draw's cell; `cumulative` ends at 1."""
    return np.minimum(np.searchsorted(cumulative, draws, side="right"), len(cumulative) - 1)


def cumulate(weights: list[float]) -> npt.NDArray[np.float64]:
    """Return cumulative shares of weights, ending at 1."""
    sums = np.cumsum(np.asarray(weights, dtype=np.float64))
    shares: npt.NDArray[np.float64] = sums / sums[-1]
    return shares
