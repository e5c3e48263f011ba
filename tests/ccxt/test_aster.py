"""Aster: mark, index and funding come although ccxt takes their stream for the ticker's; what it lacks reads none."""

from deskmon.clock import HOUR
from deskmon.events import Funding, OpenInterest, Ticker
from tests.ccxt.desk import running
from tests.ccxt.replay_server import Binance, ReplayServer
from tests.ccxt.venues import binance_market

T = 1_790_006_400_000


class Combined(Binance):
    """Aster's streams: Binance's frames, each in an envelope with its name."""

    def worded(self, frame, topic, asked):
        return {"stream": asked, "data": frame}


def aster(server, **options):
    urls = {
        "fapiPublic": f"{server.http}/fapi", "sapiPublic": f"{server.http}/api",
        "ws": {"public": {"swap": f"{server.ws}/fstream/stream", "spot": f"{server.ws}/sstream/stream"}},
    }  # fmt: skip
    return {"exchange": "aster", "urls": urls, "symbols": ("BTC/USDT:USDT",), **options}


async def test_mark_index_and_funding_arrive_beside_the_ticker():
    async with ReplayServer(Combined()) as server:
        for version in ("v1", "v3"):
            listed = {"symbols": [binance_market("BTC")], "rateLimits": [], "assets": []}
            server.json[f"/fapi/{version}/exchangeInfo"] = listed
            server.json[f"/api/{version}/exchangeInfo"] = {"symbols": [], "rateLimits": []}
            server.json[f"/fapi/{version}/fundingInfo"] = [{"symbol": "BTCUSDT", "fundingIntervalHours": 4}]
        server.frames["btcusdt@ticker"] = [
            {"e": "24hrTicker", "E": T, "s": "BTCUSDT", "c": "66000", "o": "65000", "h": "67000", "l": "64000"}
        ]
        server.frames["btcusdt@markPrice@1s"] = [
            {"e": "markPriceUpdate", "E": T, "s": "BTCUSDT", "p": "66010", "i": "66020", "P": "66000", "r": "0.0001",
             "T": T + 4 * HOUR}
        ]  # fmt: skip
        async with running(**aster(server)) as desk:
            await desk.until(lambda: desk.of(Ticker, last=66000.0, mark=66010.0, index=66020.0))
            await desk.until(lambda: desk.of(Funding))
            await desk.until(lambda: desk.said("'liquidations': 'listening'"))
            channels = desk.statuses[-1][2]
        asked = [name for message in server.messages for name in message.get("params", [])]
    assert {"btcusdt@ticker", "btcusdt@markPrice@1s", "btcusdt@bookTicker", "!forceOrder@arr"} <= set(asked)
    assert len(asked) == len(set(asked))
    assert (desk.of(Funding)[0].rate, desk.of(Funding)[0].interval_hours) == (0.0001, 4.0)
    assert not desk.of(OpenInterest)
    assert channels["open_interest"].startswith("none: ")
