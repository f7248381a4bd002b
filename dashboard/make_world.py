"""Writes world.json: Natural Earth (public domain) -> outlines of countries by ISO code.

The outlines (1:110 million, simplified to a tenth of a degree) come with the package pyogrio, which
is needed for this alone: pip install pyogrio && python -m dashboard.make_world
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from babel.core import get_global

TARGET = Path(__file__).with_name("world.json")
SOURCE = "tests/fixtures/naturalearth_lowres/naturalearth_lowres.shp"
WITHOUT_CODE = {"France": "FR", "Norway": "NO", "Kosovo": "XK"}
"""Countries to which Natural Earth gives no ISO code; Somaliland and North Cyprus have none."""

Ring = list[tuple[float, float]]

logger = logging.getLogger(__name__)


def outlines() -> dict[str, list[list[Ring]]]:
    """Polygons (outer ring first; degrees east, degrees north) by two-letter code."""
    import pyogrio.raw as ogr

    path = str(files("pyogrio").joinpath(SOURCE))
    meta, _, shapes, columns = ogr.read(path, columns=["name", "iso_a3"])
    values = dict(zip(meta["fields"], columns, strict=True))
    two_letters = get_global("territory_aliases")
    found = {}
    for name, code, shape in zip(values["name"], values["iso_a3"], shapes, strict=True):
        known = WITHOUT_CODE.get(name) or next(iter(two_letters.get(code, [])), None)
        if known and known != "AQ":
            found[known] = [_simplified(polygon) for polygon in _polygons(bytes(shape))]
    return {code: [polygon for polygon in found[code] if polygon] for code in sorted(found)}


def _polygons(wkb: bytes) -> Iterator[list[Ring]]:
    """Polygons of a geometry in OGC's little-endian well-known binary form."""
    import struct

    kind, count = struct.unpack_from("<II", wkb, 1)
    position, members = (9, count) if kind == 6 else (0, 1)
    for _ in range(members):
        (rings,) = struct.unpack_from("<I", wkb, position + 5)
        position += 9
        polygon = []
        for _ in range(rings):
            (points,) = struct.unpack_from("<I", wkb, position)
            flat = struct.unpack_from(f"<{2 * points}d", wkb, position + 4)
            polygon.append(list(zip(flat[::2], flat[1::2], strict=True)))
            position += 4 + 16 * points
        yield polygon


def _simplified(polygon: list[Ring]) -> list[Ring]:
    """Rounded rings without repeated points; outer ones clockwise, as d3 wants them."""
    kept = []
    for index, ring in enumerate(polygon):
        rounded = [(round(x, 1), round(y, 1)) for x, y in ring]
        thinned = [p for p, q in zip(rounded, [None, *rounded], strict=False) if p != q]
        if len(thinned) >= 4:
            kept.append(thinned if _is_clockwise(thinned) == (index == 0) else thinned[::-1])
        elif index == 0:
            break
    return kept


def _is_clockwise(ring: Ring) -> bool:
    return (
        sum((bx - ax) * (by + ay) for (ax, ay), (bx, by) in zip(ring, ring[1:], strict=False)) > 0
    )


def _feature(code: str, polygons: list[list[Ring]]) -> dict[str, Any]:
    geometry = {"type": "MultiPolygon", "coordinates": polygons}
    return {"type": "Feature", "id": code, "geometry": geometry}


def main() -> None:
    """Writes the file."""
    features = [_feature(code, polygons) for code, polygons in outlines().items()]
    lines = ",\n".join(json.dumps(feature, separators=(",", ":")) for feature in features)
    source = "Natural Earth, 1:110m, public domain; made by dashboard/make_world.py"
    TARGET.write_text(
        f'{{"type":"FeatureCollection","source":"{source}","features":[\n{lines}\n]}}\n'
    )
    logger.info("%s: %d countries, %d bytes", TARGET.name, len(features), TARGET.stat().st_size)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    main()
