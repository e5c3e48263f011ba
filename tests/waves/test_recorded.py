"""Real liquidations, as venues sent them, without any adjustment of the detector."""

import json
import os
from pathlib import Path

import pytest

from deskmon.events import Journal
from deskmon.feeds.ccxt import liquidations
from deskmon.feeds.ccxt.instruments import Instrument
from deskmon.model import Model

RECORDED = Path(os.environ.get("DESKMON_RECORDED", Path(__file__).parents[3] / "shared" / "data"))
recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="recorded data is not beside this checkout")


def linear(base, size=1.0):
    return Instrument(base, f"{base}/USDT:USDT", base, "USDT", "USDT", "linear", size)


def waves(events):
    """Of a desk that listened from the first event on, an hour after the last."""
    events = sorted(events, key=lambda event: event.ts)
    model = Model()
    model.apply([Journal(version=1, source="imported", started=events[0].ts), *events])
    assert not model.rejected
    return model.waves.figures(events[-1].ts + 3_600_000)


def orders(file, markets):
    for line in (RECORDED / "liquidations" / file).read_text().splitlines():
        row = json.loads(line)
        venue = row.get("venue", "bitmex").removesuffix("-usdm-testnet")
        raw = row.get("raw", row)
        for record in raw.get("data", [raw]):
            for order in liquidations.PARSERS[venue](record):
                yield liquidations.event(
                    order, markets[order.market_id], venue, recv=order.ts, rate={"BTC": 8_700.0}.get
                )


@recorded
def test_bitmex_in_november_2019():
    markets = {
        "XBTUSD": Instrument("XBTUSD", "BTC/USD:BTC", "BTC", "USD", "BTC", "inverse", 1.0),
        "ETHUSD": Instrument("ETHUSD", "ETH/USD:BTC", "ETH", "USD", "BTC", "quanto", 1e-6),
        "ADAZ19": Instrument("ADAZ19", "ADA/BTC:BTC-191227", "ADA", "BTC", "BTC", "linear", 1.0),
        "XRPZ19": Instrument("XRPZ19", "XRP/BTC:BTC-191227", "XRP", "BTC", "BTC", "linear", 1.0),
    }
    found = waves(orders("bitmex_2019-11-14_15.jsonl", markets))
    biggest = max(found, key=lambda wave: wave.usd)
    assert biggest.lead == "BTC"
    assert biggest.long_share > 0.99
    assert 50e6 < biggest.usd < 60e6  # of 57 million dollars within three minutes, in some 20 orders
    assert biggest.end - biggest.start <= 300_000
    assert len(found) == 1
    assert all(wave.state == "over" for wave in found)


@recorded
def test_single_frames_of_september_2026_are_no_wave():
    markets = {
        "ICPUSDT": linear("ICP"), "MARSCOINUSDT": linear("MARSCOIN"), "COTIUSDT": linear("COTI"),
        "PAIRUSDT": linear("PAIR"), "CNPY-USDT-SWAP": linear("CNPY", 10.0), "ETH-USDT": linear("ETH", 0.01),
    }  # fmt: skip
    assert waves(orders("live_frames_2026.jsonl", markets)) == []
