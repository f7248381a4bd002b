"""Natural Earth (public domain) -> country_outlines.json, the outlines of countries by ISO code.

The outlines (1:110 million, simplified to a tenth of a degree) come with the package pyogrio, which
nothing else needs: pip install pyogrio && python -m dashboard.tools.make_country_outlines
"""

from __future__ import annotations

import json
import logging
import struct
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from babel.core import get_global

TARGET = Path(__file__).parents[1] / "charts" / "country_outlines.json"
SOURCE = "tests/fixtures/naturalearth_lowres/naturalearth_lowres.shp"
WITHOUT_CODE = {"France": "FR", "Norway": "NO", "Kosovo": "XK"}
"""Countries without an ISO code in Natural Earth. Somaliland and North Cyprus have no code at all
and are left out; so is Antarctica (AQ)."""

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
    """Polygons of a geometry in OGC's well-known binary form (little-endian).

    Read by hand, as a library for geometry would be needed for this alone.
    """
    kind, count = struct.unpack_from("<II", wkb, 1)
    is_multi = kind == 6  # a multipolygon: a header, then whole polygons
    position, members = (9, count) if is_multi else (0, 1)
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
    """Rounded rings without repeated points; a polygon whose outer ring vanishes is empty.

    Outer rings run clockwise and holes counter-clockwise, as d3 expects. In the other direction
    d3 would fill the rest of the globe.
    """
    kept = []
    for index, ring in enumerate(polygon):
        rounded = [(round(x, 1), round(y, 1)) for x, y in ring]
        thinned = [p for p, q in zip(rounded, [None, *rounded], strict=False) if p != q]
        if len(thinned) >= 4:
            edges = zip(thinned, thinned[1:], strict=False)
            is_clockwise = sum((bx - ax) * (by + ay) for (ax, ay), (bx, by) in edges) > 0
            kept.append(thinned if is_clockwise == (index == 0) else thinned[::-1])
        elif index == 0:
            break
    return kept


def main() -> None:
    """Writes the file."""
    features = [
        {
            "type": "Feature",
            "id": code,
            "geometry": {"type": "MultiPolygon", "coordinates": polygons},
        }
        for code, polygons in outlines().items()
    ]
    lines = ",\n".join(json.dumps(feature, separators=(",", ":")) for feature in features)
    source = "Natural Earth, 1:110m, public domain; made by dashboard.tools.make_country_outlines"
    TARGET.write_text(
        f'{{"type":"FeatureCollection","source":"{source}","features":[\n{lines}\n]}}\n'
    )
    logger.info("%s: %d countries, %d bytes", TARGET.name, len(features), TARGET.stat().st_size)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    main()
