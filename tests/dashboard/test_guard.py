"""Who gets the page: this machine's browser with the token, and nobody else."""

import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Message, Scope

from dashboard.page.guard import Guard

TOKEN, PORT = "right", 8000
Answer = tuple[int, dict[str, str]]


def page(request: Request) -> PlainTextResponse:
    return PlainTextResponse("figures")


APP = Starlette(routes=[Route("/", page)], middleware=[Middleware(Guard, token=TOKEN, port=PORT)])


async def answer(query: str = "", method: str = "GET", path: str = "/", **headers: str) -> Answer:
    """Status and headers of the answer to one request."""
    sent = {"host": f"127.0.0.1:{PORT}"} | headers
    scope: Scope = {
        "type": "http", "http_version": "1.1", "method": method, "path": path, "root_path": "",
        "scheme": "http", "raw_path": path.encode(), "query_string": query.encode(),
        "server": ("127.0.0.1", PORT),
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
    }  # fmt: skip
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    await APP(scope, receive, send)
    kept = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
    return messages[0]["status"], kept


def asked(query: str = "", method: str = "GET", path: str = "/", **headers: str) -> Answer:
    import asyncio

    return asyncio.run(answer(query, method, path, **headers))


COOKIE = {"cookie": f"consent_page_{PORT}={TOKEN}"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"cookie": f"consent_page_{PORT}=wrong"},
        {"cookie": f"consent_page_9999={TOKEN}"},
        COOKIE | {"host": "rebound.example:8000"},
        COOKIE | {"host": "127.0.0.1.example"},
        COOKIE | {"host": "["},
        COOKIE | {"host": ""},
        COOKIE | {"origin": "https://foreign.example"},
        COOKIE | {"origin": "http://127.0.0.1:9999"},
        COOKIE | {"origin": "null"},
    ],
)
def test_others_are_refused(headers: dict[str, str]) -> None:
    status, _ = asked(**headers)
    assert status == 403


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:9000", "[::1]:8000"])
def test_the_browser_with_the_cookie_gets_the_page(host: str) -> None:
    status, headers = asked(host=host, origin=f"http://{host}", **COOKIE)
    assert status == 200
    policy = headers["content-security-policy"]
    assert re.search(r"default-src 'none'.*frame-ancestors 'none'", policy)
    assert "unsafe" not in policy
    assert headers["cache-control"] == "no-store"


def test_the_token_becomes_a_cookie_and_leaves_the_address() -> None:
    status, headers = asked(f"country=FR&token={TOKEN}&country=DE", path="//foreign.example/")
    assert (status, headers["location"]) == (303, "/?country=FR&country=DE")
    assert f"consent_page_{PORT}={TOKEN}" in headers["set-cookie"]
    assert "HttpOnly" in headers["set-cookie"]
    assert headers["referrer-policy"] == "no-referrer"


def test_a_wrong_token_gets_nothing() -> None:
    status, headers = asked("token=wrong")
    assert status == 403 and "set-cookie" not in headers


def test_nothing_can_be_sent() -> None:
    assert asked(method="POST", **COOKIE)[0] == 405
