"""Deribit by ccxt's path and by our own: the desk is told the same."""

import json

import msgspec
import pytest

from deskmon.events import Book, Funding, Liquidation, OpenInterest, Ticker, Trade
from deskmon.feeds.ccxt.instruments import Instrument
from deskmon.feeds.ccxt.units import units_of
from deskmon.feeds.native import deribit
from deskmon.feeds.native.readings import Refusal, Stranger
from tests.ccxt import venues
from tests.ccxt.desk import RECORDED, recorded, running
from tests.ccxt.replay_server import Deribit, Recording, ReplayServer
from tests.ccxt.test_replay import deribit_markets
from tests.native.paths import by_both, recorded_frames
from tests.native.test_equal import unnumbered

FILE = RECORDED / "frames/DERIBIT.jsonl.zst"
NOW = 1_790_000_000_000


def place(address, frame):
    if frame.get("method") != "subscription":
        return None
    params = frame["params"]
    return "", {**frame, "params": {**params, "channel": params["channel"].replace(".raw", ".100ms")}}


@recorded
async def test_recorded_options_are_told_the_same_by_both_paths():
    recording = Recording(FILE, Deribit())
    names = ("BTC/USD:BTC-210924-8000-P", "BTC/USD:BTC-211231-300000-C", "BTC/USD:BTC-210730-24000-P")
    channels = ("ticker", "trades", "open_interest", "book", "liquidations", "funding")
    async with ReplayServer(Deribit(), recording) as server:
        server.json["/api/v2/public/get_instruments"] = deribit_markets(recording)
        options = venues.deribit(server, symbols=names, channels=channels)
        ccxt, own = await by_both(options, recorded_frames(FILE, place))
    assert len(ccxt.events(Ticker)) > 3 and len(ccxt.events(Book)) >= 3
    assert own.events(Ticker) == ccxt.events(Ticker)
    assert unnumbered(own.events(Book)) == unnumbered(ccxt.events(Book))
    assert own.events(OpenInterest) == ccxt.events(OpenInterest)
    assert own.desk.rejected == ccxt.desk.rejected == []


@recorded
async def test_messages_of_the_perpetual_are_told_the_same_by_both_paths():
    groups = json.loads((RECORDED / "frames/messages/deribit.json").read_text())
    messages = [frame for group in groups for frame in group["messages"]]
    frames = [
        ("", json.dumps(place("", frame)[1]), frame["params"]["data"][0]["timestamp"]
         if isinstance(frame["params"]["data"], list) else frame["params"]["data"]["timestamp"])
        for frame in messages
        if frame.get("params", {}).get("channel", "").split(".")[1:2] == ["BTC-PERPETUAL"]
        and frame["params"]["channel"].split(".")[0] in ("ticker", "trades")
    ]  # fmt: skip
    async with ReplayServer(Deribit()) as server:
        server.json["/api/v2/public/get_instruments"] = {"result": [venues.DERIBIT_PERPETUAL]}
        ccxt, own = await by_both(venues.deribit(server, symbols=("BTC",)), frames)
    assert len(ccxt.events(Liquidation)) == 2
    for kind in (Trade, Ticker, Liquidation, Funding, OpenInterest):
        assert ccxt.events(kind), kind
        assert own.events(kind) == ccxt.events(kind), kind
    assert own.desk.rejected == ccxt.desk.rejected == []


def book(change, before=None, kind="change", bids=(), asks=()):
    data = {"type": kind, "timestamp": NOW + change, "instrument_name": "BTC-PERPETUAL", "change_id": change,
            "bids": [["new", *level] for level in bids], "asks": [["new", *level] for level in asks]}  # fmt: skip
    if before is not None:
        data["prev_change_id"] = before
    return {"jsonrpc": "2.0", "method": "subscription", "params": {"channel": "book.BTC-PERPETUAL.100ms", "data": data}}


async def test_a_missed_change_voids_the_book_and_asks_for_it_again():
    async with ReplayServer(Deribit()) as server:
        server.json["/api/v2/public/get_instruments"] = {"result": [venues.DERIBIT_PERPETUAL]}
        whole = book(1, kind="snapshot", bids=[(99.0, 100.0)], asks=[(101.0, 200.0)])
        server.frames["book.BTC-PERPETUAL"] = [whole, book(2, 1, bids=[(100.0, 50.0)]), book(9, 8, asks=[(101.0, 0.0)])]
        async with running(**venues.deribit(server, symbols=("BTC",), channels=("book",))) as desk:
            await desk.until(
                lambda: sum(message.get("method") == "public/subscribe" for message in server.messages) > 1
            )
            await desk.until(lambda: desk.said("a change of the book was missed; it is begun afresh"))
    assert not any(told.asks and told.asks[0][0] > 101.0 for told in desk.of(Book))


class Listed(dict):
    def __missing__(self, identity):
        if not identity.startswith("BTC"):
            return None
        return Instrument(identity, "BTC/USD:BTC", "BTC", "USD", "BTC", "inverse", 10.0, listed="BTC/USD:BTC",
                          units=units_of("deribit", "inverse", option=False))  # fmt: skip


def test_a_refusal_a_stranger_and_an_answer():
    def read(frame):
        return deribit.parse(json.dumps(frame).encode(), Listed(), NOW)

    assert read({"jsonrpc": "2.0", "id": 3, "error": {"message": "bad", "code": -32602}}) == (
        Refusal("bad (code -32602)", number=3),
    )
    assert read({"jsonrpc": "2.0", "id": 0, "result": {"version": "1"}}) == ()
    strange = book(1, kind="snapshot")
    strange["params"]["data"]["instrument_name"] = "NEW-PERPETUAL"
    assert read(strange) == (Stranger("NEW-PERPETUAL"),)
    with pytest.raises(ValueError, match="not known"):
        read({"params": {"channel": "quote.BTC-PERPETUAL", "data": {}}})
    with pytest.raises(msgspec.ValidationError):
        read({"params": {"channel": "ticker.BTC-PERPETUAL.100ms", "data": {"timestamp": "x"}}})
