"""A venue on loopback that says what a real one said: recorded REST answers by path and query, recorded websocket
frames in order to whoever subscribes to them, at full speed. Faults are put in by tests."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
from base64 import b64decode
from collections import defaultdict
from pathlib import Path
from socket import SO_REUSEADDR, SOL_SOCKET, socket
from ssl import SSLContext
from urllib.parse import parse_qs, urlsplit

import zstandard
from aiohttp import WSMsgType, web


def read(path: Path) -> list[dict]:
    """Lines of a recording."""
    with path.open("rb") as file:
        text = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8")
        return [json.loads(line) for line in text]


class Recording:
    """REST answers, and the websocket frames of each topic in order."""

    def __init__(self, path: Path, dialect: Dialect) -> None:
        self.answers: list[tuple[str, dict, str]] = []
        self.frames: dict[str, list] = defaultdict(list)
        addresses: dict[str, str] = {}
        for line in read(path):
            if line["t"] == "connect":
                addresses[line["conn"]] = dialect.scope(urlsplit(line["addr"]).path)
            elif line["t"] == "http":
                parts = urlsplit(line["url"])
                self.answers.append((parts.path, parse_qs(parts.query), line["data"]))
            elif line["t"] == "recv":
                data = line.get("data")
                if data is None:
                    data = gzip.decompress(b64decode(line["b64"])).decode()
                frame = json.loads(data)
                for topic, part in dialect.split(frame):
                    self.frames[addresses.get(line["conn"], "") + topic].append(part)

    def answer(self, path: str, query: dict) -> str | None:
        """The recorded answer to `path` whose query shares most with `query`."""
        known = [
            (len([k for k in asked if query.get(k) == asked[k]]), data)
            for at, asked, data in self.answers
            if at == path
        ]
        return max(known, key=lambda pair: pair[0])[1] if known else None


class Dialect:
    """How one venue subscribes and labels its frames."""

    def split(self, frame) -> list[tuple[str, object]]:
        """(topic, frame) pairs of a recorded frame."""
        raise NotImplementedError

    def asked(self, message) -> list[str]:
        """Topics that a message of the client subscribes to."""
        raise NotImplementedError

    def acknowledge(self, message) -> list:
        """What the venue says at once."""
        return []

    def scope(self, path: str) -> str:
        """What of a websocket's path tells equal topics apart."""
        return ""

    async def send(self, socket, message) -> None:
        """One message on the wire."""
        await socket.send_json(message)

    def worded(self, frame, topic: str, asked: str):
        """The frame as a subscriber to `asked` gets it."""
        return frame

    def same(self, topic: str) -> str:
        """Topics that differ only by name are one."""
        return topic


class Huobi(Dialect):
    """HTX: each message is gzipped."""

    async def send(self, socket, message):
        await socket.send_bytes(gzip.compress(json.dumps(message).encode()))

    def split(self, frame):
        return [(frame["ch"], frame)] if "ch" in frame else []

    def asked(self, message):
        return [message["sub"]] if "sub" in message else []

    def acknowledge(self, message):
        return [{"id": message.get("id"), "status": "ok", "subbed": message.get("sub"), "ts": 1}]


class Kraken(Dialect):
    """Frames of the first websocket API are lists; to whom asks for the second, all of a channel's are sent."""

    def split(self, frame):
        return [(frame[-2].split("-")[0], frame)] if isinstance(frame, list) else []

    def asked(self, message):
        return [message["params"]["channel"]] if message.get("method") == "subscribe" else []


class Bybit(Dialect):
    def scope(self, path):
        return f"{path.rsplit('/', 1)[-1]}/"

    def split(self, frame):
        return [(frame["topic"], frame)] if "topic" in frame else []

    def asked(self, message):
        return message.get("args", []) if message.get("op") == "subscribe" else []

    def acknowledge(self, message):
        return [{"success": True, "ret_msg": "", "op": message["op"], "conn_id": "1", "req_id": message.get("req_id")}]


class Binance(Dialect):
    def split(self, frame):
        return [(self.same(frame["stream"]), frame["data"])] if "stream" in frame else []

    def asked(self, message):
        return message.get("params", []) if message.get("method") == "SUBSCRIBE" else []

    def acknowledge(self, message):
        return [{"result": None, "id": message.get("id")}]

    def same(self, topic):
        return topic.replace("@aggTrade", "@trade").replace("@depth@100ms", "@depth")


class Okx(Dialect):
    def split(self, frame):
        return [(self._topic(frame["arg"]), frame)] if "data" in frame else []

    @staticmethod
    def _topic(arg):
        return f"{arg['channel']}:{arg.get('instId') or arg.get('instType')}"

    def asked(self, message):
        return [self._topic(arg) for arg in message.get("args", [])] if message.get("op") == "subscribe" else []

    def acknowledge(self, message):
        return [{"event": message["op"], "arg": arg} for arg in message.get("args", [])]


class Deribit(Dialect):
    def split(self, frame):
        return [(self.same(frame["params"]["channel"]), frame)] if frame.get("method") == "subscription" else []

    def asked(self, message):
        return message["params"]["channels"] if message.get("method") == "public/subscribe" else []

    def acknowledge(self, message):
        return [{"jsonrpc": "2.0", "id": message.get("id"), "result": message["params"].get("channels", [])}]

    def scope(self, path: str) -> str:
        """What of a websocket's path tells equal topics apart."""
        return ""

    def worded(self, frame, topic, asked):
        return {**frame, "params": {**frame["params"], "channel": asked}}

    def same(self, topic):
        return topic.rsplit(".", 1)[0]


class Coinbase(Dialect):
    """Frames of a connection are counted together."""

    async def send(self, socket, message):
        socket.count = getattr(socket, "count", -1) + 1
        await socket.send_json({**message, "sequence_num": socket.count})

    def split(self, frame):
        channel = {"l2_data": "level2"}.get(frame["channel"], frame["channel"])
        pairs = []
        for event in frame.get("events", []):
            for key in ("tickers", "trades", "candles"):
                for item in event.get(key, []):
                    only = {**frame, "events": [{**event, key: [item]}]}
                    pairs.append((f"{channel}:{item['product_id']}", only))
            if "product_id" in event:
                pairs.append((f"{channel}:{event['product_id']}", {**frame, "events": [event]}))
        return pairs

    def asked(self, message):
        if message.get("type") != "subscribe":
            return []
        return [f"{message['channel']}:{product}" for product in message.get("product_ids", [])]


def _bound(port: int) -> socket:
    """A socket on loopback, bound but not listening; several may share a port of which one listens."""
    bound = socket()
    bound.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    return bound


class ReplayServer:
    """One venue. `frames[topic]` are sent to each subscriber of `topic`; `json[path]` answers a REST call.

    Hooks for faults: `refuse(request)` may return a response for any REST call or handshake; `quirk(socket, message)`
    is awaited in place of the usual answer to a subscription when it is set.
    """

    def __init__(self, dialect: Dialect, recording: Recording | None = None, tls: SSLContext | None = None) -> None:
        self.dialect, self.recording, self._tls = dialect, recording, tls
        self.frames: dict[str, list] = dict(recording.frames) if recording else {}
        self.json: dict[str, object] = {}
        self.refuse = None
        self.quirk = None
        self.requests: list[str] = []
        self.messages: list = []
        self.sockets: list[web.WebSocketResponse] = []
        self.unanswered: set[str] = set()
        self.tasks: set[asyncio.Task] = set()
        self._runner: web.AppRunner | None = None
        self._place = _bound(0)
        """Holds the port while nothing listens there: otherwise another test's venue may get it, and answer."""
        self.port = self._place.getsockname()[1]

    async def __aenter__(self) -> ReplayServer:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await self.listen()
        return self

    async def listen(self) -> None:
        """Open the port, the same one after `hang_up`."""
        self._site = web.SockSite(self._runner, _bound(self.port), ssl_context=self._tls)
        await self._site.start()

    async def deafen(self) -> None:
        """Close the port and every connection, those too that wait for another request: the next attempt is refused."""
        await self._site.stop()
        await self.drop()
        for kept in list(self._runner.server.connections):
            if kept.transport is not None:
                kept.transport.abort()

    async def drop(self) -> None:
        """Cut every open websocket."""
        sockets, self.sockets = self.sockets, []
        for each in sockets:
            if each._req is not None and each._req.transport is not None:
                each._req.transport.abort()

    async def __aexit__(self, *exc) -> None:
        for each in self.sockets:
            await each.close()
        await self._runner.cleanup()
        self._place.close()

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if self.refuse is not None:
            response = self.refuse(request)
            if response is not None:
                return response
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._talk(request)
        self.requests.append(str(request.rel_url))
        found = self.json.get(request.path)
        if callable(found):
            found = found(request)
            if asyncio.iscoroutine(found):
                found = await found
        if found is not None:
            return web.json_response(found)
        if self.recording is not None:
            query = {key: request.query.getall(key) for key in request.query}
            text = self.recording.answer(request.path, query)
            if text is not None:
                return web.Response(text=text, content_type="application/json")
        self.unanswered.add(request.path)
        return web.json_response({"error": "not recorded"}, status=404)

    async def _talk(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=True)
        socket.scope = self.dialect.scope(request.path)
        await socket.prepare(request)
        socket.closed_by_peer = asyncio.Event()
        self.tasks.add(asyncio.current_task())
        self.sockets.append(socket)
        async for received in socket:
            if received.type is not WSMsgType.TEXT:
                continue
            try:
                message = json.loads(received.data)
            except ValueError:
                await socket.send_str("pong")
                continue
            self.messages.append(message)
            if self.quirk is not None:
                await self.quirk(socket, message)
            else:
                await self.answer(socket, message)
        socket.closed_by_peer.set()
        return socket

    async def answer(self, socket: web.WebSocketResponse, message) -> None:
        """Acknowledge a subscription and send its frames, as fast as the socket takes them."""
        for reply in self.dialect.acknowledge(message):
            await self.dialect.send(socket, reply)
        for asked in self.dialect.asked(message):
            topic = socket.scope + self.dialect.same(asked)
            for number, frame in enumerate(self.frames.get(topic, [])):
                await self.dialect.send(socket, self.dialect.worded(frame, topic, asked))
                if number % 100 == 99:
                    await asyncio.sleep(0)
