"""Where positions were liquidated, as a source of levels."""

from __future__ import annotations

import msgspec

from deskmon.analytics.level_settings import LevelSettings, Weights
from deskmon.clock import HOUR
from deskmon.events import Liquidation, Ticker
from deskmon.model import Model
from tests.levels.builders import T, bars, candles

BTC = "BTC/USDT:USDT"
ALONE = Weights(**{name: 0.0 for name in Weights.__struct_fields__ if name != "pin"})


def liquidated(ts, price, usd):
    return Liquidation(ts=ts, venue="okx", symbol=BTC, side="long", price=price, amount=usd / price, usd=float(usd))


def test_where_positions_were_liquidated_is_a_source_for_a_day_whatever_follows():
    held = bars([100_000.0] * 96)
    model = Model(levels=LevelSettings(weights=msgspec.structs.replace(ALONE, liquidations=1.0), least_score=0.5))
    model.apply(candles(held))
    first = T + 48 * HOUR
    model.apply([liquidated(first - n, 97_000.0, 1e6) for n in range(5)])
    told = []
    for hour in range(30):
        now = first + hour * HOUR
        model.apply([liquidated(now + 1, 95_000.0, 3e6)])
        model.apply([Ticker(ts=now + 2, venue="binance", symbol=BTC, last=100_000.0)])
        near = {97_000: False, 95_000: False}
        for level in model.levels.of(BTC, now + 2):
            near |= {price: True for price in near if abs(level.price - price) < 100}
        told.append(near)
    assert [each[97_000] for each in told[:24]] == [True] * 24 and not told[-1][97_000]
    assert [each[95_000] for each in told] == [False] + [True] * 29, "from the next whole hour on"
