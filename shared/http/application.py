"""An HTTP application as every service has it: problems for errors, HEAD and OPTIONS on every path, no redirects."""

import re
from collections.abc import Callable, Collection, Iterable
from typing import Any

from fastapi import FastAPI
from starlette.datastructures import Headers as RequestHeaders
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.problems import install_problem_handlers, problem_response

Headers = Iterable[tuple[str, str]]

ANY_HOST = "*"
OPEN_PATHS = frozenset({"/livez", "/readyz", "/metrics"})


def make_app(
    title: str,
    description: str,
    on_problem: Callable[[int], None] = lambda _: None,
    on_options: Callable[[Scope], Headers] = lambda _: (),
    host_names: Collection[str] = (ANY_HOST,),
    **options: Any,
) -> FastAPI:
    """An application without routes; `options` go to FastAPI.

    It has no page of documentation, which would load scripts from another host, and redirects nothing: a sender that
    follows a redirect may lose its body or its key. `on_problem` is told the status of each problem; `on_options` adds
    headers to the answer to an OPTIONS request. `host_names`: the service answers to these alone, see `OwnNames`.
    """
    app = FastAPI(
        title=title,
        version="1",
        description=description,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        **options,
    )
    install_problem_handlers(app, on_problem)
    if ANY_HOST not in host_names:
        app.add_middleware(OwnNames, names=frozenset(host_names))
    app.add_middleware(MethodsOfEveryPath, routes=app.router.routes, on_options=on_options)
    return app


class OwnNames:
    """Refuses requests for another host: a page whose name was pointed at this machine must not read what is here.

    Probes and scrapers ask by whatever address they have; what they are told is no secret.
    """

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = RequestHeaders(scope=scope).get("host", "") if scope["type"] == "http" else ""
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS or _without_port(host) in self._names:
            await self._app(scope, receive, send)
        else:
            detail = f"this service is not called {host[:64]!r}: use its own name, or add it to PULSE_ALLOWED_HOSTS"
            await problem_response(421, "Misdirected request", detail)(scope, receive, send)


def _without_port(host: str) -> str:
    return re.sub(r":\d*$", "", host.lower())


class MethodsOfEveryPath:
    """Answers HEAD wherever GET is answered, and OPTIONS with the methods of the path.

    RFC 9110 sections 9.3.2 and 9.3.7; FastAPI answers both with 405.
    """

    def __init__(self, app: ASGIApp, routes: list[BaseRoute], on_options: Callable[[Scope], Headers]) -> None:
        self._app = app
        self._routes = routes
        self._on_options = on_options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            await self._app({**scope, "method": "GET"}, receive, _headers_alone(send))
        elif scope["type"] == "http" and scope["method"] == "OPTIONS" and (allowed := self._methods(scope)):
            headers = [("Allow", ", ".join(sorted(allowed))), ("Content-Length", "0"), *self._on_options(scope)]
            encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
            await send({"type": "http.response.start", "status": 200, "headers": encoded})
            await send({"type": "http.response.body", "body": b""})
        else:
            await self._app(scope, receive, send)

    def _methods(self, scope: Scope) -> set[str]:
        """The methods of the path; empty for an unknown one."""
        methods: set[str] = set()
        for route in self._routes:
            if route.matches(scope)[0] is not Match.NONE:
                methods |= getattr(route, "methods", None) or set()
        if "GET" in methods:
            methods.add("HEAD")
        return methods | {"OPTIONS"} if methods else methods


def _headers_alone(send: Send) -> Send:
    """Sends the head of an answer and ends it, whatever body follows: a stream of events has no end."""

    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
            await send({"type": "http.response.body", "body": b""})

    return send_head
