"""The page as a web application: documents, their filtered parts, and every panel's rows as CSV."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from dashboard.page import assets, page_sections, url_state
from dashboard.page.guard import Guard
from dashboard.panels.catalogue import ROOMS
from dashboard.panels.selection import Selection
from dashboard.queries.marts import Marts, NotBuiltError
from database.database_error import DatabaseError

FOR_GOOD = {"cache-control": "private, max-age=31536000, immutable"}
_of_thread = threading.local()


def application(token: str, port: int) -> Starlette:
    """The page for those who bring the token."""
    routes = [
        Route("/", _document),
        Route("/room/{key}", _room),
        Route("/csv/{key}.csv", _csv),
        Route("/style-{version}.css", _style),
        Route("/script-{version}.js", _script),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Guard, token=token, port=port)])


def _marts() -> Marts:
    """The connection of this thread: requests run side by side."""
    if not hasattr(_of_thread, "marts"):
        _of_thread.marts = page_sections.open_marts()
    marts: Marts = _of_thread.marts
    return marts


def _pairs(request: Request) -> Sequence[tuple[str, str]]:
    return request.query_params.multi_items()


def _document(request: Request) -> Response:
    """The page, or only what a filter changes where the script asks for that part."""
    filters = url_state.parsed(_pairs(request))
    if request.headers.get("x-part") == "results":
        return HTMLResponse(page_sections.part(_marts(), filters))
    return HTMLResponse(
        page_sections.document(
            _marts(),
            filters,
            style=f"style-{assets.version(assets.style())}.css",
            script=f"script-{assets.version(assets.script())}.js",
        )
    )


def _room(request: Request) -> Response:
    key = request.path_params["key"]
    if key not in ROOMS:
        return PlainTextResponse("This part of the page does not exist.\n", 404)
    filters = url_state.parsed(_pairs(request))
    return HTMLResponse(page_sections.room_part(_marts(), filters, key))


def _csv(request: Request) -> Response:
    selection = Selection(_marts(), url_state.parsed(_pairs(request)))
    try:
        rows = page_sections.panel_csv(selection, request.path_params["key"])
    except (DatabaseError, NotBuiltError) as error:
        return PlainTextResponse(f"{error}\n", 503)
    if rows is None:
        return PlainTextResponse("This table does not exist, or it is empty.\n", 404)
    return Response(rows, media_type="text/csv; charset=utf-8")


def _style(request: Request) -> Response:
    return Response(assets.style(), media_type="text/css", headers=FOR_GOOD)


def _script(request: Request) -> Response:
    return Response(assets.script(), media_type="text/javascript", headers=FOR_GOOD)
