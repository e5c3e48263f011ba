"""The short form of `benchmarks.october`: what five venues on loopback send is what the desk tells and shows."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from benchmarks import october_count
from benchmarks.october import run
from benchmarks.october_check import Told, differences, of_wave, wrong_in_state
from benchmarks.october_count import Counted
from benchmarks.october_frames import CHANNELS, Supply
from benchmarks.october_rates import COURSE, HOUR, PEAK, busy, per_second
from deskmon.bench.turns import Turns
from deskmon.events import Journal, Liquidation
from deskmon.model import Model
from tests.ccxt.desk import RECORDED, recorded
from tests.length import length

TS = 1_790_000_000_000
KEY = "okx", "BTC", "buy"
SENT = Counted(
    frames=3, trades={KEY: (2, 0.3)}, last={("okx", "BTC"): 100.5},
    liquidations=[("okx", "BTC", "long", TS, 50.0)],
)  # fmt: skip
TOLD = Told(trades=dict(SENT.trades), last=dict(SENT.last), liquidations=list(SENT.liquidations))


async def test_what_five_venues_send_at_once_is_what_the_desk_tells_and_shows(tmp_path):
    outcome = await run(length(3.0, 20.0), length(0.5, 1.0), tmp_path, Turns())
    assert outcome.wrong == []
    assert {venue for venue, _, _ in outcome.sent.trades} == set(CHANNELS)
    assert {venue for venue, *_ in outcome.sent.liquidations} == set(CHANNELS) - {"hyperliquid"}
    assert {(venue, kind) for venue in CHANNELS for kind in ("book", "funding", "ticker")} <= outcome.told.kinds
    assert len(outcome.told.last) == 5 * 30 and outcome.sent.frames > 3_000
    assert outcome.figures["screen"]["keys_ms"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, []),
        ({"trades": {KEY: (1, 0.3)}}, [f"trades: {KEY}: sent (2, 0.3), told (1, 0.3)"]),
        ({"trades": {KEY: (2, 0.4)}}, [f"trades: {KEY}: sent (2, 0.3), told (2, 0.4)"]),
        ({"last": {}}, ["last price: ('okx', 'BTC'): sent 100.5, told None"]),
        ({"liquidations": []}, ["liquidations: sent 1, told 0"]),
        ({"liquidations": [("okx", "BTC", "short", TS, 50.0)]},
         [f"liquidation: sent ('okx', 'BTC', 'long', {TS}, 50.0), told ('okx', 'BTC', 'short', {TS}, 50.0)"]),
    ],
)  # fmt: skip
def test_each_difference_is_named(changed, words):
    assert differences(SENT, replace(TOLD, **changed)) == words


def test_what_the_state_shows_otherwise_is_named():
    model = Model()
    started = Journal(version=1, ts=TS, source="live", started=TS, mode="live")
    model.apply([started, Liquidation(ts=TS, venue="okx", symbol="BTC/USDT:USDT", side="short", price=100.0, amount=0.4,
                                      usd=40.0)])  # fmt: skip
    assert wrong_in_state(SENT, model.state(TS + 1_000)) == [
        "liquidations in 24 h: ('venue', 'okx'): sent (50.0, 1), shown (40.0, 1)",
        "liquidations in 24 h: ('symbol', 'BTC'): sent (50.0, 1), shown (40.0, 1)",
        "liquidated long in 24 h: sent 50.00, shown 0.0",
        "liquidated short in 24 h: sent 0.00, shown 40.0",
        "price: BTC/USDT:USDT: sent [100.5], shown None",
    ]


@pytest.mark.parametrize(
    ("end", "count", "held"), [(None, 2, 2), (None, 3, 3), (None, 1, 3), (TS + 10_000, 2, 2), (TS + 10_000, 9, 2)]
)
def test_a_wave_that_runs_holds_all_up_to_its_last_burst(end, count, held):
    """The third one lies in a bucket that no burst has taken yet."""
    liquidations = [("okx", "BTC", "long", TS + after, 50.0) for after in (-10_001, 0, 9_999, 10_000)]
    wave = SimpleNamespace(start=TS, end=end, count=count)
    assert of_wave(wave, SENT._replace(liquidations=liquidations)) == liquidations[1 : 1 + held]


def test_frames_are_counted_as_often_as_they_were_sent():
    supply = Supply("okx", "trades", "BTC")
    first = [supply.frame(*supply.next(), b"1790000000001") for _ in range(33)]
    assert first[0] != first[32] and b'"tradeId":"1"' in first[0] and b'"tradeId":"33"' in first[32]
    counted = october_count.counted([supply], [])
    assert sum(count for count, _ in counted.trades.values()) == counted.frames == 33
    assert october_count.read(october_count.written(counted)) == counted


def test_the_course_of_the_day():
    assert [busy(part) for part, _ in COURSE] == [height for _, height in COURSE]
    assert busy(0.075) == 5.0 and 5.0 < busy(0.2) < HOUR * PEAK
    assert per_second("bybit", "trades", "BTC", 0.4, 10.0) == 10 * HOUR * PEAK
    assert per_second("bybit", "ticker", "LTC", 0.4, 10.0) == 100.0
    assert per_second("binance", "liquidations", "BTC", 0.4, 10.0) == 10.0


@recorded
def test_the_hour_is_as_much_busier_as_was_recorded():
    rows = (RECORDED / "price/btc_usd_1h_cryptocompare_2025-05-13_2025-10-31.csv").read_text().splitlines()
    names = rows[0].split(",")
    dollars = {int(row["TIME_UNIX"]): float(row["VOLUME_TO"]) for row in (dict(zip(names, line.split(","), strict=True))
               for line in rows[1:])}  # fmt: skip
    hour = 1_760_130_000
    before = sorted(dollars[hour - 3_600 * back] for back in range(1, 25))
    assert round(dollars[hour] / ((before[11] + before[12]) / 2)) == HOUR
