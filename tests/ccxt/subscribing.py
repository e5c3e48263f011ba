"""What a plan asks of a venue without a network: markets made up, and clients that note what is sent."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from deskmon.feedkit import FeedContext
from deskmon.feeds.ccxt import CcxtFeed
from deskmon.feeds.ccxt.exchanges import load_class, settings, venue_name
from deskmon.feeds.ccxt.plan import streams
from deskmon.feeds.ccxt.resubscribe import WATCHED, Subscription
from deskmon.feeds.ccxt.session import Session
from deskmon.feeds.ccxt.tap import tap

PERPETUALS = ("BTC/USDT:USDT", "ETH/USDT:USDT")


def made_up(symbol: str) -> dict:
    """A market as ccxt holds it, of a unified symbol."""
    pair, _, settle = symbol.partition(":")
    base, quote = pair.split("/")
    kind = "swap" if settle else "spot"
    return {
        "id": f"{base}{quote}", "lowercaseId": f"{base}{quote}".lower(), "symbol": symbol, "base": base, "quote": quote,
        "settle": settle or None, "baseId": base, "quoteId": quote, "settleId": settle, "type": kind, "active": True,
        "spot": not settle, "swap": bool(settle), "future": False, "option": False, "margin": False, "quanto": False,
        "contract": bool(settle), "linear": settle == quote, "inverse": settle == base,
        "subType": "linear" if settle == quote else None, "contractSize": 1.0 if settle else None, "taker": 0.0,
        "baseName": base, "maker": 0.0, "precision": {"amount": 0.001, "price": 0.01},
        "limits": {"amount": {}, "price": {}, "cost": {}, "leverage": {}}, "info": {},
    }  # fmt: skip


class DeafClient:
    """A connection that is open and notes what is sent by it."""

    def __init__(self, url: str, sent: list) -> None:
        self.url, self.sent = url, sent
        self.subscriptions: dict = {}
        self.futures: dict = {}
        self.connected = asyncio.get_running_loop().create_future()
        self.connected.set_result(None)

    def future(self, name):
        return self.futures.setdefault(name, asyncio.get_running_loop().create_future())

    async def throttle(self, cost) -> None:
        pass

    async def send(self, message) -> None:
        self.sent.append((self.url, message))

    def resolve(self, *_args) -> None:
        pass

    def closed(self) -> bool:
        return False

    async def close(self) -> None:
        pass

    reject = resolve


def session_of(exchange: str, symbols: tuple[str, ...] = PERPETUALS, **options) -> tuple[Session, list]:
    """A session whose exchange never leaves this process, and the list of what it sends."""
    context = FeedContext(
        emit=lambda event: None,
        status=lambda *words: None,
        reject=lambda raw, reason: None,
        reconnected=lambda: None,
    )
    chosen = CcxtFeed.Options(exchange=exchange, symbols=symbols, **options)
    session = Session("test", venue_name(exchange), chosen, context)
    session.exchange = tap(load_class(exchange), settings(chosen), session)
    session.exchange.set_markets([made_up(symbol) for symbol in symbols])
    session.symbols = list(symbols)
    sent: list = []
    clients = session.exchange.clients = {}
    session.exchange.client = lambda url: clients.setdefault(url, DeafClient(url, sent))
    return session, sent


async def asked_by_each(
    session: Session, sent: list, only: str | None = None
) -> list[tuple[str, int, BaseException | None]]:
    """Of each stream of the plan, or of that one, its name, how many requests it sent, and what it raised."""
    told = []
    for stream in streams(session):
        if only is not None and stream.name != only:
            continue
        before = len(sent)
        WATCHED.set(Subscription(stream.serves, stream.name))
        task = asyncio.ensure_future(stream.watch())
        for _ in range(8):
            await asyncio.sleep(0)
        error = task.exception() if task.done() and not task.cancelled() else None
        told.append((stream.name, len(sent) - before, error))
        task.cancel()
        with suppress(BaseException):
            await task
    with suppress(BaseException):
        await session.exchange.close()
    return told
