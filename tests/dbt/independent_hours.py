"""Hours and coverage of deliveries computed a second time: delivered files -> pandas."""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq


def frame(folder: Path) -> pd.DataFrame:
    """One row an event: file, company, type, time, hour, weights of the assignment and by COUNT."""
    return pd.concat(map(lambda path: _events(folder, path), sorted(folder.glob("events/*/*"))))


def coverage(events: pd.DataFrame) -> pd.DataFrame:
    """By file and company: what delivery_coverage says, `observed` hours of the file included."""
    rows = events.groupby("file").size()
    found = events.groupby(["file", "company"]).agg(
        first=("time", "min"),
        last=("time", "max"),
        active=("hour", "nunique"),
        rows=("time", "size"),
    )
    files = found.index.get_level_values("file")
    found["span"] = (found["last"] - found["first"]).dt.total_seconds() / 3600
    found["observed"] = events.groupby("file").hour.nunique().loc[files].to_numpy()
    found["file_rows"] = rows.loc[files].to_numpy()
    twins = rows.map(rows.value_counts())
    is_limit = (rows >= 100) & ((twins > 1) | (rows % 100 == 0))
    found["is_capped"] = is_limit.loc[files].to_numpy() & (found.observed <= 24).to_numpy()
    return found


def hours(events: pd.DataFrame) -> pd.DataFrame:
    """By company and hour in which one of its files has events: rows and weights by event type."""
    seen = events[["file", "hour"]].drop_duplicates()
    observed = events[["file", "company"]].drop_duplicates().merge(seen)[["company", "hour"]]
    found = observed.drop_duplicates().set_index(["company", "hour"]).sort_index()
    kinds = {"event": None, "consent_asked": "consent.asked", "consent_given": "consent.given"}
    for name, kind in kinds.items():
        own = events if kind is None else events[events.type == kind]
        grouped = own.groupby(["company", "hour"])
        found[f"{name}_row_count"] = grouped.size()
        found[f"{name}_count"] = grouped.assignment.sum()
        found[f"count_of_{name}"] = grouped["count"].sum()
        square = own.assignment**2
        found[f"{name}_square"] = square.groupby([own.company, own.hour]).sum()
        variance = (1 - own.kept) * square
        found[f"{name}_variance"] = variance.groupby([own.company, own.hour]).sum()
    return found.fillna(0)


def _events(folder: Path, path: Path) -> pd.DataFrame:
    read = pq.read_table(path).to_pandas() if path.suffix == ".parquet" else pd.read_csv(path)
    kept = read.RATE.round(6).fillna(1.0)
    time = pd.to_datetime(read.EVENT_TIME, format="mixed", utc=True)
    return pd.DataFrame(
        {
            "file": path.relative_to(folder).as_posix(),
            "company": read.APIKEY,
            "type": read.TYPE,
            "time": time,
            "hour": time.dt.floor("h"),
            "kept": kept,
            "count": read.COUNT.astype(float),
            "assignment": read.COUNT / kept,
        }
    )
