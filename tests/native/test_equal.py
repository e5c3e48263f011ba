"""Recorded frames by ccxt's path and by our own: the desk is told the same.

What differs on purpose is in docs/exchanges.md, and taken out here: the number of a book where ccxt has none, funding
and open interest that are told again though nothing changed, and the ticker that ccxt tells twice of one frame.
"""

import msgspec

from deskmon.events import Book, Funding, OpenInterest, Ticker, Trade
from tests.ccxt import venues
from tests.ccxt.desk import RECORDED, recorded
from tests.ccxt.replay_server import Binance, Bybit, Okx, Recording, ReplayServer
from tests.length import length
from tests.native.paths import by_both, recorded_frames

pytestmark = recorded

FILES = {name: RECORDED / f"frames/{name}.jsonl.zst" for name in ("BINANCE_FUTURES", "BYBIT", "OKX")}


def binance_place(address, frame):
    """A frame of the combined stream as one of its own address."""
    if "stream" not in frame or "kline" in frame["stream"]:
        return None
    kind = frame["stream"].split("@")[1]
    return "linear/public" if kind in ("aggTrade", "depth", "bookTicker") else "linear/market", frame["data"]


def bybit_place(address, frame):
    return None if frame.get("topic", "").startswith("kline") else (address.rsplit("/", 1)[-1], frame)


def okx_place(address, frame):
    return "public", frame


def unnumbered(books):
    """Books without the venue's numbers of their changes."""
    return [msgspec.structs.replace(book, nonce=None) for book in books]


def changes(events, *fields):
    """Of each symbol, what these fields were, once for each change."""
    found = {}
    for event in events:
        told = tuple(getattr(event, name) for name in fields)
        series = found.setdefault(event.symbol, [])
        if not series or series[-1] != told:
            series.append(told)
    return found


def after_snapshots(books):
    """Books by symbol without the first, which each path tells when its snapshot comes."""
    found = {}
    for book in books:
        found.setdefault(book.symbol, []).append(book)
    return {symbol: told[1:] for symbol, told in found.items()}


def newest_of_each_moment(tickers):
    """Of several tickers of one symbol, moment and arrival the last."""
    return list({(each.symbol, each.ts, each.recv): each for each in tickers}.values())


async def both(venue, file, dialect, place, books_at="", most=None, **options):
    recording = Recording(FILES[file], dialect)
    async with ReplayServer(dialect, recording) as server:
        frames = recorded_frames(FILES[file], place)[:most]
        return await by_both(venue(server, **options), frames, books_at=books_at)


async def test_binance():
    ccxt, own = await both(
        venues.binanceusdm, "BINANCE_FUTURES", Binance(), binance_place, "linear/public",
        symbols=("SUSHI", "AKRO", "KEEP", "CTK"),
    )  # fmt: skip
    assert len(ccxt.events(Trade)) > 80 and len(ccxt.events(Ticker)) > 600 and len(ccxt.events(Book)) > 500
    assert own.events(Trade, Ticker) == ccxt.events(Trade, Ticker)
    assert after_snapshots(own.events(Book)) == after_snapshots(ccxt.events(Book))
    assert own.desk.rejected == ccxt.desk.rejected == []


async def test_bybit():
    symbols, most = ("BTC", "ETH", "SOL", "DOGE", "BTC/USDT", "ETH/USDT"), length(900, 10_000)
    ccxt, own = await both(venues.bybit, "BYBIT", Bybit(), bybit_place, most=most, symbols=symbols)
    assert len(ccxt.events(Trade)) > 10 and len(ccxt.events(Ticker)) > 200 and len(ccxt.events(Book)) > 500
    assert own.events(Trade, Ticker) == ccxt.events(Trade, Ticker)
    assert unnumbered(own.events(Book)) == ccxt.events(Book)
    rates = ("rate", "interval_hours", "next_ts")
    assert changes(own.events(Funding), *rates) == changes(ccxt.events(Funding), *rates)
    assert changes(own.events(OpenInterest), "amount") == changes(ccxt.events(OpenInterest), "amount")
    assert own.desk.rejected == ccxt.desk.rejected == []


async def test_okx():
    symbols = ("UNI/USD:UNI", "BTC/USD:BTC-220527", "BTC/USDT")
    ccxt, own = await both(venues.okx, "OKX", Okx(), okx_place, "public", symbols=symbols)
    assert len(ccxt.events(Trade)) > 70 and len(ccxt.events(Ticker)) > 30 and len(ccxt.events(Book)) > 200
    assert own.events(Trade) == ccxt.events(Trade)
    assert newest_of_each_moment(own.events(Ticker)) == newest_of_each_moment(ccxt.events(Ticker))
    assert own.events(Book) == ccxt.events(Book)
    assert own.desk.rejected == ccxt.desk.rejected == []
