"""The paths of the server, and how what goes wrong is said."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler

from deskmon.budget import Budget
from deskmon.clock import MINUTE
from deskmon.config.places import journal_folder
from deskmon.errors import DeskError, UsageError
from deskmon.http.access import access_check
from deskmon.http.answers import answer, json
from deskmon.http.following import FollowedDesk
from deskmon.http.openapi import description
from deskmon.http.past import Busy, Past
from deskmon.http.refusals import add_headers, refusal
from deskmon.http.requests import (
    FORMS,
    Ask,
    FigureAsk,
    begin_of,
    picture_ask,
    query,
    report_ask,
    series_ask,
    state_ask,
    types_of,
)
from deskmon.model.figure_path import FigurePath, parse
from deskmon.timeline import parse_time

READERS = 256
"""Readers of events at once."""
PATIENCE_S = 30.0
"""Seconds that a reader may take for what it was sent; then it is cut off."""
PICTURES, PICTURES_AT_ONCE = 2.0, 10.0
"""Pictures that are drawn a second in the long run, and at once: each holds up all who ask."""
JSON, SVG, EVENTS = "application/json", "image/svg+xml", "text/event-stream"


class Server:
    """Answers what is asked of one desk."""

    def __init__(self, desk: FollowedDesk, past: Past) -> None:
        self._desk, self._past = desk, past
        self._readers = 0
        self._pictures = Budget(PICTURES, PICTURES_AT_ONCE, asyncio.get_running_loop().time)

    def app(self, hosts: Collection[str], token: str | None) -> web.Application:
        """The application, for the names `hosts` and who has the token."""
        app = web.Application(middlewares=[in_words, access_check(hosts, token)])
        app.on_response_prepare.append(add_headers)
        app.router.add_get("/openapi.json", self.openapi)
        app.router.add_get("/state", self.state)
        app.router.add_get("/figures/{path:.+}", self.figure)
        app.router.add_get("/snapshot.svg", self.snapshot)
        app.router.add_get("/report.{form:html|md|txt}", self.report)
        app.router.add_get("/events", self.events, allow_head=False)
        return app

    async def openapi(self, request: web.Request) -> web.Response:
        """The description of all paths."""
        query(request)
        return web.Response(body=json(description()), content_type=JSON)

    async def state(self, request: web.Request) -> web.Response:
        """Parts of the state."""
        given = query(request, "only", "at")
        return web.Response(body=await self._told(request, state_ask(given), given.get("at")), content_type=JSON)

    async def figure(self, request: web.Request) -> web.Response:
        """One figure: now, at a moment, or over time."""
        given = query(request, "at", "from", "to", "every")
        path = parse(request.match_info["path"])
        if given.keys() & {"from", "to", "every"}:
            return web.Response(body=await self._series(path, given), content_type=JSON)
        return web.Response(body=await self._told(request, FigureAsk(path.text), given.get("at")), content_type=JSON)

    async def _series(self, path: FigurePath, given: dict[str, str]) -> bytes:
        desk = self._desk
        if "at" in given:
            raise UsageError("at names one moment, from and to a stretch", "leave at out")
        folder = self._journal()
        ask = series_ask(path, given, desk.started, desk.now, folder)
        return await self._past.series(ask, desk.config)

    async def snapshot(self, request: web.Request) -> web.Response:
        """A picture. Raises Busy where too many are asked for."""
        given = query(request, "layout", "panel", "size", "at")
        ask = picture_ask(given, self._desk.config)
        if not self._pictures.spend():
            raise Busy(f"more than {PICTURES:g} pictures a second are asked for", "ask again in a second")
        return web.Response(body=await self._told(request, ask, given.get("at")), content_type=SVG)

    async def report(self, request: web.Request) -> web.Response:
        """The report of a stretch, read from the hub's journal."""
        given = query(request, "from", "to", "asset")
        folder = self._journal()
        asked = report_ask(given, request.match_info["form"], self._desk.config, folder, self._desk.now)
        return web.Response(body=await self._past.report(asked), content_type=FORMS[asked.form], charset="utf-8")

    def _journal(self) -> str:
        """The folder of the hub's journal. Raises DeskError where it keeps none."""
        desk = self._desk
        desk.check()
        if desk.model.mode != "live":
            raise DeskError("this hub plays a market, of which it keeps no journal", "read it by --demo or --replay")
        if not desk.config.journal.enabled:
            raise DeskError("this hub keeps no journal to read", "[journal] enabled = true keeps one")
        return str(journal_folder(desk.config.journal))

    async def _told(self, request: web.Request, ask: Ask, at: str | None) -> bytes:
        """What is told of now, or of the moment `at`."""
        desk = self._desk
        if at is None:
            return desk.answer(repr(ask), lambda model, now: answer(ask, model, desk.config, now))
        desk.check()
        moment = parse_time(at, desk.started, desk.now)
        if moment > desk.now + MINUTE:
            raise UsageError(f"at {at[:80]!r} is yet to come", "ask for a moment that was")
        self._journal()  # a process would need seconds to say that there is none
        return await self._past.answer(ask, desk.config, moment)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Events until the reader goes. Raises Busy where there are too many readers."""
        given = query(request, "from", "type")
        reader = self._desk.log.reader(begin_of(given, request.headers.get("Last-Event-ID")), types_of(given))
        self._desk.check()
        if self._readers >= READERS:
            raise Busy(f"{READERS} readers take events already", "close one, or ask again later")
        response = web.StreamResponse(headers={"Content-Type": EVENTS, "X-Accel-Buffering": "no"})
        self._readers += 1
        try:
            await response.prepare(request)
            await response.write(b"retry: 2000\n\n")
            while True:
                piece = await reader.take()
                async with asyncio.timeout(PATIENCE_S):
                    await response.write(piece)
        except (TimeoutError, ConnectionError):
            if request.transport is not None:
                request.transport.abort()
            return response
        finally:
            self._readers -= 1


@web.middleware
async def in_words(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Say what goes wrong as JSON: what it was, and what to do."""
    try:
        return await handler(request)
    except web.HTTPNotFound:
        return refusal(HTTPStatus.NOT_FOUND, "nothing is here", "GET /openapi.json says what there is")
    except web.HTTPMethodNotAllowed as fault:
        allowed = ", ".join(sorted(fault.allowed_methods))
        return refusal(HTTPStatus(405), "this server is read-only", f"use {allowed}", {"Allow": allowed})
    except web.HTTPException as fault:
        what, _, remedy = (fault.text or fault.reason).partition("; ")
        kept = {name: value for name, value in fault.headers.items() if name == "WWW-Authenticate"}
        return refusal(HTTPStatus(fault.status), what, remedy, kept)
    except DeskError as fault:
        status, headers = HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "5"}
        if isinstance(fault, UsageError):
            status, headers = HTTPStatus.BAD_REQUEST, {}
        elif isinstance(fault, Busy):
            status = HTTPStatus.TOO_MANY_REQUESTS
        return refusal(status, fault.message, fault.remedy, headers)
