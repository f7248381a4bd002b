"""Who may see the page: a browser of this machine, with the token that the command printed.

The page listens on the loopback interface only. A page of another site can still send requests
there from the same browser, so foreign hosts and origins are refused, and a token is needed.
"""

from __future__ import annotations

import secrets
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
WITHOUT_TOKEN = (
    "Open the address that the command printed: it holds a token, which this browser does not have"
    " yet (or which is from an earlier start).\n"
)


class Guard:
    """Middleware: refuses foreign requests, and turns the token of an address into a cookie."""

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        """Takes the token that opens the page, and the port, since cookies are for all ports."""
        self._app = app
        self._token = token
        self._cookie = f"consent_page_{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request that is refused or brings the token; passes on the others."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        answer = self._answer(Request(scope)) or self._app
        await answer(scope, receive, send_with_headers)

    def _answer(self, request: Request) -> Response | None:
        """The answer to a request that does not reach the page; None lets it through."""
        host = request.headers.get("host", "")
        origin = request.headers.get("origin")
        if _name(f"//{host}") not in LOCAL_HOSTS:
            return PlainTextResponse("This page is served to this machine only.\n", 403)
        if origin is not None and urlsplit(origin).netloc != host:
            return PlainTextResponse("Requests from other sites are refused.\n", 403)
        if request.method not in ("GET", "HEAD"):
            return PlainTextResponse("This page is read-only.\n", 405)
        pairs = parse_qsl(request.url.query, keep_blank_values=True)
        given = [value for name, value in pairs if name == "token"]
        if given and secrets.compare_digest(given[0].encode(), self._token.encode()):
            rest = urlencode([(name, value) for name, value in pairs if name != "token"])
            redirect = RedirectResponse(f"/?{rest}" if rest else "/", 303)
            redirect.set_cookie(self._cookie, self._token, httponly=True, samesite="lax")
            return redirect
        kept = request.cookies.get(self._cookie, "")
        if not secrets.compare_digest(kept.encode(), self._token.encode()):
            return PlainTextResponse(WITHOUT_TOKEN, 403)
        return None


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
