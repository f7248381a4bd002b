"""Intervals, diagnosis, ranks and benchmarks computed a second time: delivered files -> pandas.

Written from the definitions of DOMAIN.md, row by row where the models add up sums that they keep:
Wilson's bounds are the roots of their quadratic, a mixed share's variance is summed over its rows,
ranks compare every pair of companies.
"""

import json
import math
from collections.abc import Callable
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

Z = NormalDist().inv_cdf(0.975)
WEIGHTINGS = ("count_over_rate", "count", "inverse_rate", "unweighted")
Figure = tuple[float | None, float | None, float | None, float | None, bool]
"""Value, lower, upper, effective sample size, whether reliable."""


def frame(folder: Path) -> pd.DataFrame:
    """Events below `folder`: where they are from, when and what, count, rate and the weights."""
    rows = delivered(folder)
    status = rows.CONSENT.fillna("unknown").str.lower().replace("partial", "partial opt-in")
    rate = pd.to_numeric(rows.RATE).round(6)
    count = pd.to_numeric(rows.COUNT).astype(float)
    events = pd.DataFrame(
        {
            "file": rows.file,
            "company": rows.APIKEY,
            "type": rows.TYPE,
            "day": rows.EVENT_TIME.str.split(" ").str[0],
            "hour": pd.to_datetime(rows.EVENT_TIME, format="mixed", utc=True).dt.floor("h"),
            "country": _bare(rows.COUNTRY).str.upper(),
            "device": _bare(rows.DEVICE_TYPE).str.lower(),
            "sdk": _bare(rows.SDK_TYPE),
            "deployment": _bare(rows.DEPLOYMENT_ID),
            "status": status,
            "action": rows.PARAMETERS.map(_action),
            "count": count,
            "rate": rate,
            "kept": rate.fillna(1.0),
        }
    )
    usual = events.groupby(["company", "type"]).rate.transform(lambda r: r.count() / (1 / r).sum())
    weights: dict[str, Any] = {
        "count_over_rate": count / events.kept,
        "inverse_rate": 1 / events.kept,
        "unweighted": 1.0,
        "imputed": count / rate.fillna(usual).fillna(1.0),
    }
    return events.assign(**weights)


def delivered(folder: Path) -> pd.DataFrame:
    """Events below `folder` as they were delivered, and the file that each is from."""
    parts = [_csv(path) for path in folder.glob("events/csv/*.csv")]
    parts += [pq.read_table(path).to_pandas() for path in folder.glob("events/parquet/*.parquet")]
    names = [*folder.glob("events/csv/*.csv"), *folder.glob("events/parquet/*.parquet")]
    for part, name in zip(parts, names, strict=True):
        part["file"] = name.relative_to(folder).as_posix()
    return pd.concat(parts, ignore_index=True)


def diagnosis(events: pd.DataFrame) -> dict[tuple[str, str], tuple[int, float | None, str]]:
    """(file, company) -> sampled rows, share of COUNT = round(1 / RATE), verdict."""
    return {key: _verdict(part) for key, part in events.groupby(["file", "company"])}  # type: ignore[misc]


def weightings(events: pd.DataFrame) -> dict[str, tuple[str, bool]]:
    """Company -> weighting of its corrected figures, whether it is decided."""
    result = {}
    for company, part in events.groupby("company"):
        sampled, _, verdict = _verdict(part)
        if sampled < 20:
            verdict = _verdict(events)[2]
        used = "count" if verdict == "COUNT is already the weight" else "count_over_rate"
        result[str(company)] = (used, verdict != "undecided" or sampled == 0)
    return result


def metric(events: pd.DataFrame, name: str, weighting: str) -> Figure:
    """A metric of one company's events; (None, …, False) where it has no base."""
    on_notice = ~events.action.isin(["external", "webview"])
    given, asked = events.type == "consent.given", events.type == "consent.asked"
    if name.endswith("_everywhere"):
        name, on_notice = name.removesuffix("_everywhere"), on_notice | True
    opt_in = given & on_notice & events.status.isin(["full opt-in", "partial opt-in"])
    decided = opt_in | (given & on_notice & (events.status == "opt-out"))
    ratios = {
        "conversion_rate": given,
        "conversion_rate_on_notice": given & on_notice,
        "conversion_rate_clicked": given & (events.action == "click"),
        "opt_in_rate": opt_in,
        "no_choice_rate": given & on_notice,
    }
    if name in ratios:
        value, lower, upper, size, good = ratio(events[ratios[name]], events[asked], weighting)
        if name == "no_choice_rate" and value is not None:
            value, lower, upper = 1 - value, _minus(upper), _minus(lower)
        return value, lower, upper, size, good
    if name == "consent_rate":
        return probability(events[decided], opt_in[decided], weighting)
    return total(events, weighting)


def total(rows: pd.DataFrame, weighting: str) -> Figure:
    """Σw and its interval."""
    w = rows[weighting]
    if len(rows) < 5 or weighting in ("unweighted", "imputed"):
        return w.sum(), None, None, _size(w), False
    half = Z * math.sqrt(((1 - rows.kept) * w**2).sum())
    return w.sum(), max(w.sum() - half, 0), w.sum() + half, _size(w), True


def ratio(part: pd.DataFrame, base: pd.DataFrame, weighting: str) -> Figure:
    """Σw of the part over Σw of the base, two types of event."""
    g, a = part[weighting].sum(), base[weighting].sum()
    if not a:
        return None, None, None, None, False
    size = (
        min(_size(part[weighting]), _size(base[weighting])) if len(part) else _size(base[weighting])
    )
    if min(len(part), len(base)) < 5 or weighting in ("unweighted", "imputed"):
        return g / a, None, None, size, False
    relative = sum(
        ((1 - side.kept) * side[weighting] ** 2).sum() / side[weighting].sum() ** 2
        for side in (part, base)
    )
    factor = math.exp(Z * math.sqrt(relative))
    return g / a, g / a / factor, g / a * factor, size, True


def probability(rows: pd.DataFrame, is_part: pd.Series, weighting: str) -> Figure:
    """Weighted share of `is_part` in rows of one event type, with Wilson's interval."""
    w = rows[weighting]
    if not len(rows):
        return None, None, None, None, False
    p, n = w[is_part].sum() / w.sum(), _size(w)
    if min(is_part.sum(), (~is_part).sum()) < 5:
        return p, None, None, n, False
    lower, upper = sorted(np.roots([1 + Z**2 / n, -(2 * p + Z**2 / n), p**2]).real)
    return p, lower, upper, n, True


def mixed_share(rows: pd.DataFrame, is_part: pd.Series, weighting: str) -> Figure:
    """Weighted share of `is_part` in rows of several types."""
    w = rows[weighting]
    p = w[is_part].sum() / w.sum()
    if min(is_part.sum(), (~is_part).sum()) < 5:
        return p, None, None, _size(w), False
    error = (1 - rows.kept) * w**2 * (is_part.astype(float) - p) ** 2
    half = Z * math.sqrt(error.sum()) / w.sum()
    return p, max(p - half, 0), min(p + half, 1), _size(w), True


def ranks(figures: dict[str, Figure]) -> dict[str, tuple[int, int, int]]:
    """Company -> rank, best and worst rank, of those whose figure is reliable."""
    sure: dict[str, Any] = {c: f for c, f in figures.items() if f[4]}
    result = {}
    for company, (value, lower, upper, _, _) in sure.items():
        rank = 1 + sum(other[0] > value for other in sure.values())
        best = 1 + sum(other[1] > upper for other in sure.values())
        worst = len(sure) - sum(other[2] < lower for other in sure.values())
        result[company] = (rank, best, worst)
    return result


def benchmark(figures: dict[str, Figure], members: Callable[[str], bool]) -> tuple[int, Any]:
    """Number of companies and mean of the reliable figures of the members; None under three."""
    values = [f[0] for company, f in figures.items() if members(company) and f[4]]
    return len(values), float(np.mean(values)) if len(values) >= 3 else None  # type: ignore[arg-type]


def _verdict(events: pd.DataFrame) -> tuple[int, float | None, str]:
    sampled = events[events.rate < 1]
    share = (sampled["count"] == (1 / sampled.rate).round()).mean() if len(sampled) else None
    if len(sampled) < 20 or share is None or 0.05 < share < 0.95:
        return len(sampled), share, "undecided"
    right = "COUNT / RATE is the weight", "COUNT is already the weight"
    return len(sampled), share, right[int(share >= 0.95)]


def _size(w: pd.Series) -> float:
    return w.sum() ** 2 / (w**2).sum()


def _minus(bound: float | None) -> float | None:
    return None if bound is None else 1 - bound


def _bare(texts: pd.Series) -> pd.Series:
    """Without literal quotes; missing where nothing is left."""
    return texts.astype("object").str.replace('"', "").str.strip().replace("", None)


def _csv(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])


def _action(payload: Any) -> str | None:
    return json.loads(payload).get("action") if isinstance(payload, str) and payload else None
