"""What the benches pour and parse is read: each made-up frame gives the reading that its channel is for."""

import json

import pytest

from benchmarks.venue_frames import FRAMES, frames
from deskmon.bench.frames import START
from deskmon.bench.live_venue import MIX, TOPICS, asset_of, topics_of
from deskmon.feeds.ccxt.instruments import Instrument
from deskmon.feeds.native import venue_of
from deskmon.feeds.native.readings import Change, Forced, Print, Quote, Rate

READ = {"trades": {Print}, "ticker": {Quote}, "mini": {Quote}, "mark": {Quote, Rate}, "book": {Change},
        "liquidations": {Forced}}  # fmt: skip
EXCHANGES = {"binance": "binanceusdm", "bybit": "bybit", "okx": "okx", "deribit": "deribit",
             "hyperliquid": "hyperliquid", "coinbase": "coinbase"}  # fmt: skip


class Listed(dict):
    """Every market is listed, and counts coins."""

    def __missing__(self, identity):
        return Instrument(identity, f"{identity}/USDT:USDT", identity, "USDT", "USDT", "linear", listed=identity)


@pytest.mark.parametrize(("venue", "channel"), [(venue, channel) for venue, each in FRAMES.items() for channel in each])
def test_each_frame_gives_the_readings_of_its_channel(venue, channel):
    own = venue_of(EXCHANGES[venue])
    for frame in frames(venue, channel, 40):
        readings = own.parse(frame, Listed(), START)
        found = {Print if isinstance(reading, Print) else type(reading) for reading in readings}
        assert found >= READ[channel]


def test_what_the_desk_subscribes_to_is_what_is_poured():
    asked = {
        "binance": ["btcusdt@trade", "btcusdt@miniTicker", "btcusdt@bookTicker", "btcusdt@markPrice@1s",
                    "btcusdt@depth@100ms"],
        "bybit": ["publicTrade.BTCUSDT", "tickers.BTCUSDT", "orderbook.200.BTCUSDT"],
        "okx": [f"{channel}:BTC-USDT-SWAP" for channel in ("trades", "tickers", "books", "mark-price")],
    }  # fmt: skip
    for venue, topics in asked.items():
        own = venue_of(EXCHANGES[venue])
        found = topics_of(json.loads(own.subscribe(topics, 1)))
        assert {(of, asset_of(name)) for of, _, name in found} == {(venue, "BTC")}
        assert sorted(kind for _, kind, _ in found) == sorted(TOPICS[venue])
        assert {channel for channel in TOPICS[venue].values() if channel} <= MIX.keys()
