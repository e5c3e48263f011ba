"""Captures of `deskmon capture`, played back to the real code by a server that stands for every venue in them.

Requests of aiohttp, the websockets' handshakes too, are led to the server whatever their address, so the code under
test and its addresses are those of the user. A websocket gets the frames of the capture's next connection to the same
address; what came after a message of ours waits until we send that message again. The desk clock is the capture's.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import msgspec
from aiohttp import WSMsgType, web

from deskmon.clock import ManualClock
from deskmon.errors import DeskError
from deskmon.hub.redaction import redact_url
from deskmon.plugins import load_feed
from tests.ccxt.desk import Desk
from tests.ccxt.replay_server import read

PATIENCE_S = 5.0
"""A message of the capture that isn't sent again within this is waited for no longer: the code may have changed."""
_NUMBERS = ("id", "req_id", "reqId", "reqid", "time", "ts")


class Capture:
    """One file: its feed, its answers, and what went over each connection."""

    def __init__(self, path: Path) -> None:
        self.header, *lines = read(path)
        self.answers = [line for line in lines if line["t"] == "http"]
        self.connections: list[tuple[str, list[dict]]] = []
        places: dict[str, int] = {}
        for line in lines:
            if line["t"] == "connect":
                places[line["conn"]] = len(self.connections)
                self.connections.append((line["addr"], []))
            elif line["t"] in ("send", "recv"):
                self.connections[places[line["conn"]]][1].append(line)

    def answer(self, method: str, url: str, body: str) -> dict | None:
        """The next answer to the most similar request that was captured; the last one again and again."""
        asked = _request(url, body)
        known = [
            line for line in self.answers if line.get("method", "GET") == method and _place(line["url"]) == _place(url)
        ]
        if not known:
            return None
        best = max(_alike(asked, _request(line["url"], line.get("body", ""))) for line in known)
        alike = [line for line in known if _alike(asked, _request(line["url"], line.get("body", ""))) == best]
        found = next((line for line in alike if not line.get("used")), alike[-1])
        found["used"] = True
        return found


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.netloc, parts.path


def _request(url: str, body: str) -> set:
    return {*parse_qsl(urlsplit(url).query), body}


def _alike(one: set, other: set) -> int:
    return len(one & other)


def _asked(text: str):
    """A message of ours and its number. None of pings, which come when they come."""
    try:
        message = json.loads(text)
    except ValueError:
        return None
    if not isinstance(message, dict) or "ping" in json.dumps(list(message.values())).lower():
        return None
    return {name: value for name, value in message.items() if name not in _NUMBERS}


class Player:
    """Plays a capture on loopback. `played` is set when every connection that was made has all its frames."""

    def __init__(self, capture: Capture, clock: ManualClock) -> None:
        self.capture, self.clock = capture, clock
        self.unanswered: set[str] = set()
        self.waiting = len(capture.connections)
        self.played = asyncio.Event()
        self._made: list[int] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        scheme, host, path = request.match_info["scheme"], request.match_info["host"], request.match_info["path"]
        query = f"?{request.query_string}" if request.query_string else ""
        url = redact_url(f"{scheme}://{host}/{path}{query}")
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._talk(request, url)
        found = self.capture.answer(request.method, url, (await request.read()).decode())
        if found is None:
            self.unanswered.add(url)
            return web.json_response({"error": "not captured"}, status=404)
        self._tick(found)
        return web.Response(text=found["data"], status=found.get("status", 200), content_type="application/json")

    def _tick(self, line: dict) -> None:
        self.clock.set(max(self.clock.now(), round(line["ts"] * 1000)))

    async def _talk(self, request: web.Request, url: str) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        left = [n for n, (addr, _) in enumerate(self.capture.connections) if _place(addr) == _place(url)]
        number = next((n for n in left if n not in self._made), None)
        heard: asyncio.Queue = asyncio.Queue()
        playing = None
        if number is not None:
            self._made.append(number)
            playing = asyncio.create_task(self._play(socket, self.capture.connections[number][1], heard))
        async for received in socket:
            if received.type is WSMsgType.TEXT:
                heard.put_nowait(received.data)
            elif received.type is WSMsgType.PING:
                await socket.pong(received.data)
            elif received.type is WSMsgType.PONG and received.data == b"played":
                self.waiting -= 1
                if not self.waiting:
                    self.played.set()
        if playing is not None:
            playing.cancel()
        return socket

    async def _play(self, socket: web.WebSocketResponse, lines: list[dict], heard: asyncio.Queue) -> None:
        sent: list[dict] = []
        numbers: dict = {}
        for line in lines:
            if line["t"] == "send":
                await self._until(line["data"], sent, heard, numbers)
                continue
            self._tick(line)
            if "b64" in line:
                await socket.send_bytes(b64decode(line["b64"]))
            else:
                await socket.send_str(_renumbered(line["data"], numbers))
        await socket.ping(b"played")

    async def _until(self, text: str, sent: list, heard: asyncio.Queue, numbers: dict) -> None:
        """Wait until a message is sent that differs from `text` by its number alone."""
        wanted = _asked(text)
        if wanted is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while not any(_asked(message) == wanted for message in sent):
                    sent.append(await heard.get())
        for message in [message for message in sent if _asked(message) == wanted][:1]:
            sent.remove(message)
            ours, theirs = json.loads(message), json.loads(text)
            numbers.update({theirs[name]: ours[name] for name in _NUMBERS if name in theirs and name in ours})


def _renumbered(text: str, numbers: dict) -> str:
    """A frame that answers a message by its number, with the number that the message has now."""
    try:
        frame = json.loads(text)
    except ValueError:
        return text
    if not isinstance(frame, dict):
        return text
    found = {name: numbers[frame[name]] for name in _NUMBERS if isinstance(frame.get(name), int | str)
             and frame[name] in numbers and numbers[frame[name]] != frame[name]}  # fmt: skip
    return json.dumps({**frame, **found}) if found else text


@asynccontextmanager
async def played(path: Path, monkeypatch):
    """A desk whose feed hears a capture, and the player."""
    capture = Capture(path)
    clock = ManualClock(round(capture.header["recorded"] * 1000))
    desk, player = Desk(), Player(capture, clock)
    desk.context.clock = clock
    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", "/{scheme}/{host}/{path:.*}", player.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port, request = runner.addresses[0][1], aiohttp.ClientSession._request

    async def led(session, method, url, **options):
        parts = urlsplit(str(url))
        query = f"?{parts.query}" if parts.query else ""
        here = f"http://127.0.0.1:{port}/{parts.scheme}/{parts.netloc}{parts.path or '/'}{query}"
        return await request(session, method, here, **{**options, "proxy": None})

    monkeypatch.setattr(aiohttp.ClientSession, "_request", led)
    kind = load_feed(capture.header["type"])
    feed = kind(capture.header["feed"], msgspec.convert(capture.header["options"], kind.Options))
    task = asyncio.create_task(feed.run(desk.context))
    try:
        yield desk, player
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, DeskError):
            await task
        await runner.cleanup()
