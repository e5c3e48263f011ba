"""A local server in the place of all sources, and what it was asked."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from aiohttp import web

from tests.context.samples import eth_page

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Sources:
    """Answers by path: a body, or a handler. `asked` counts requests by path, `headers` keeps the newest ones."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.answers: dict[str, bytes | Handler] = {}
        self.asked: Counter[str] = Counter()
        self.headers: dict[str, dict[str, str]] = {}

    def url(self, path: str) -> str:
        return f"{self.base}/{path}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path.lstrip("/")
        self.asked[path] += 1
        self.headers[path] = dict(request.headers)
        answer = self.answers.get(path)
        if answer is None:
            return web.Response(status=404)
        return web.Response(body=answer) if isinstance(answer, bytes) else await answer(request)


@asynccontextmanager
async def served() -> AsyncIterator[Sources]:
    """The server on a port of its own."""
    app = web.Application()
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    sources = Sources("")
    app.router.add_route("GET", "/{tail:.*}", sources.handle)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    sources.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield sources
    finally:
        await runner.cleanup()


def status(code: int, **headers: str) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=code, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return answer


def conditional(body: bytes, etag: str) -> Handler:
    """Answers 304 to whoever has it."""

    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(body=body, headers={"ETag": etag})

    return answer


def breaks_off(body: bytes) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(body))})
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        assert request.transport is not None
        request.transport.close()
        return response

    return answer


def hangs() -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await asyncio.Event().wait()
        return response

    return answer


def large(megabytes: int) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(megabytes):
            await response.write(b" " * 1024 * 1024)
        return response

    return answer


def bomb(megabytes: int) -> Handler:
    packed = gzip.compress(b" " * megabytes * 1024 * 1024)

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    return answer


def day(now: int, ago: int) -> datetime:
    return datetime.fromtimestamp(now / 1000, UTC) - timedelta(days=ago)


def business_day(now: int, ago: int) -> datetime:
    """The newest weekday that is at least so many days ago."""
    found = day(now, ago)
    return found - timedelta(days=max(0, found.weekday() - 4))


def as_of(now: int) -> dict[str, bytes]:
    """What all sources answer just before `now` (ms), by path. Made by the forms of the recorded ones."""
    second, ago = now // 1000, [business_day(now, days) for days in (1, 2)]
    flow = business_day(now, 1)

    def chart(symbol: str, price: float) -> bytes:
        meta = {"symbol": symbol, "currency": "USD", "regularMarketTime": second - 60, "regularMarketPrice": price}
        quote = {"close": [price * 0.99, None]}
        result = {"meta": meta, "timestamp": [second - 86_400, second - 60], "indicators": {"quote": [quote]}}
        return json.dumps({"chart": {"result": [result], "error": None}}).encode()

    def fred(series: str, value: str) -> bytes:
        return f"observation_date,{series}\r\n{ago[1]:%Y-%m-%d},.\r\n{flow:%Y-%m-%d},{value}\r\n".encode()

    def company(amount: float, paid: float) -> bytes:
        row = {"name": "Strategy", "symbol": "MSTR.US", "total_holdings": amount, "total_entry_value_usd": paid}
        return json.dumps({"companies": [row]}).encode()

    caps = {
        "total_market_cap": {"usd": 2.92e12}, "market_cap_percentage": {"btc": 57.0, "eth": 11.0},
        "updated_at": second - 120,
    }  # fmt: skip
    fear = [{"value": str(9 + days), "timestamp": str(second - days * 86_400)} for days in range(3)]
    coins = [{"date": str(second - 3_600), "totalCirculatingUSD": {"peggedUSD": 3.1e11, "peggedEUR": 8e8}}]
    xrp = [{"date": f"{flow:%Y-%m-%d}", "netFlowUsdM": -92.9}]
    rss = f"""<rss version="2.0"><channel><title>Sample</title><item><title>Rates stay</title>
      <link>https://example.com/a?utm=1</link><pubDate>{day(now, 0):%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>
      </channel></rss>"""
    return {
        "etf_btc": eth_page(f"{flow:%d %b %Y}|(500.0)|9.5|(490.5)", funds="IBIT FBTC"),
        "etf_eth": eth_page(f"{flow:%d %b %Y}|(155.6)|(155.6)", funds="ETHA"),
        "etf_sol": eth_page(f"{flow:%d %b %Y}|(2.2)|(2.2)", funds="BSOL"),
        "etf_xrp": json.dumps({"symbol": "XRP", "days": xrp}).encode(),
        "strategy": json.dumps({"results": {"btcHoldings": "649,870", "msTimestamp": now - 60_000}}).encode(),
        "treasuries/bitcoin": company(649_870, 649_870 * 74_333.0),
        "treasuries/ethereum": company(3_000_000, 0),
        "fear_greed": json.dumps({"data": fear, "metadata": {"error": None}}).encode(),
        "market_cap": json.dumps({"data": caps}).encode(),
        "us10y": fred("DGS10", "4.14"),
        **{f"macro/{name}": chart(*of) for name, of in MACRO.items()},
        "fred/ndx": fred("NASDAQ100", "24900"),
        "stablecoins": json.dumps(coins).encode(),
        "loans": json.dumps({"currentChainTvls": {"borrowed": 1.6e10, "Base-borrowed": 5e8}}).encode(),
        "sopr/sth": json.dumps({"unixTs": second - 86_400, "sthSopr": "0.77"}).encode(),
        "sopr/lth": json.dumps({"unixTs": second - 86_400, "lthSopr": 1.4}).encode(),
        "headlines": rss.encode(),
        "calendar": (
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:US jobs report\r\n"
            f"DTSTART:{day(now, -3):%Y%m%dT%H%M%SZ}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        ).encode(),
    }  # fmt: skip


MACRO = {
    "dxy": ("DX-Y.NYB", 99.6), "gold": ("GC=F", 5_300.0), "ndx": ("^NDX", 25_000.0), "spx": ("^GSPC", 6_900.0),
    "qqq": ("QQQ", 610.0), "igv": ("IGV", 90.0), "silver": ("SI=F", 110.0), "msft": ("MSFT", 433.5),
}  # fmt: skip
"""Charts by the name of their series: symbol and price."""


def urls(sources: Sources) -> dict[str, str | list[str]]:
    """The configuration that leads all sources here."""
    several = {
        "treasuries": ["treasuries/bitcoin", "treasuries/ethereum"], "macro": [f"macro/{name}" for name in MACRO],
        "sopr": ["sopr/sth", "sopr/lth"],
    }  # fmt: skip
    names = ("etf_btc", "etf_eth", "etf_sol", "etf_xrp", "strategy", "fear_greed", "market_cap", "us10y", "stablecoins",
             "loans", "headlines", "calendar")  # fmt: skip
    return {name: sources.url(name) for name in names} | {
        name: [sources.url(path) for path in paths] for name, paths in several.items()
    }
