"""The week before the simulated market begins: candles, liquidations in waves, settled funding, open interest, and how
deep the books were."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from deskmon.events import DepthSample, Event, Funding, Liquidation, OpenInterest, PositionSide
from deskmon.feedkit import DAY, HOUR, MINUTE
from deskmon.feeds.demo.simulator.candles import SHORT, Bar, candle, daily_usd
from deskmon.feeds.demo.simulator.carry import next_funding, rate_8h
from deskmon.feeds.demo.simulator.quotes import calm_depth
from deskmon.feeds.demo.simulator.step import DIGITS, NAMES, SYMBOLS
from deskmon.feeds.demo.simulator.world import ASSETS, PAIRS, PAIRS_OF, START, VENUES, WORLD, Pair

LENGTH = 7 * DAY + 2 * HOUR
"""A little over a week, so that changes over a week are known from the start (ms)."""
_BARS = LENGTH // SHORT
_HOURS = LENGTH // HOUR
_QUIET = 5e-4
"""Volatility of a five-minute return of BTC between the waves."""
_SPREAD = 9 * MINUTE
_COURSE = (-1.0, 1.3, -0.8)
"""When a cascade begins, ends and is at its height, in spreads off its middle: it sets in at once and fades slowly."""
_LATEST = 2 * HOUR
_SWINGS = 15_000
"""How often, in a calm week, prices swung so far that some position or other was closed."""
_FINE = range(START - 75 * MINUTE, START, 5 * MINUTE)
"""When open interest was told within the last hour and a quarter (ms)."""
_TAME = 0.15
"""Changes of prices over a calm week, as a share of the other's."""


@dataclass(frozen=True, slots=True)
class Wave:
    """A past cascade around `at` (ms): dollars closed by force, as `orders` orders, `longs` of them long."""

    at: int
    usd: float
    orders: int
    longs: float


class History:
    """Draws the week from `rng`, a calm one or one with cascades. `bars` are five-minute bars by asset, the last of
    them unfinished."""

    def __init__(self, rng: Random, *, calm: bool = False) -> None:
        self._rng = rng
        self._calm = calm
        self._ids = 0
        self.waves = [
            Wave(
                START - int(cascade.hours_ago * HOUR) + rng.randrange(-HOUR, HOUR),
                rng.uniform(0.7, 1.3) * cascade.usd,
                rng.randrange(350, 550),
                cascade.longs,
            )
            for cascade in (() if calm else WORLD.cascades)
        ]
        common = [_QUIET * self._unrest(self._time(n)) * rng.gauss(0, 1) for n in range(_BARS)]
        self.bars = [self._path(number, common) for number in range(len(ASSETS))]

    def events(self) -> list[Event]:
        """Everything that a desk which listened all week would have got before the start, in order of arrival."""
        events: list[Event] = [*self._candles(), *self._liquidations(), *self._funding(), *self._interest()]
        events += self._depth()
        events.sort(key=lambda event: event.arrival)
        return events

    def unfinished(self) -> dict[int, list[Bar]]:
        """By length (ms), each asset's candle that is still open at the start."""
        return {
            SHORT: [_merge(bars[-1:]) for bars in self.bars],
            HOUR: [_merge(bars[-HOUR // SHORT :]) for bars in self.bars],
        }

    def _time(self, number: int) -> int:
        return START - LENGTH + number * SHORT

    def _unrest(self, ts: int) -> float:
        """1 far from every wave, several times that within one."""
        return 1 + sum(3 * math.exp(-0.5 * ((ts - wave.at) / (2 * _SPREAD)) ** 2) for wave in self.waves)

    def _shocks(self) -> list[float]:
        """Share of the waves' net push that falls into each bar, so that prices break where positions were closed."""
        shocks = [0.0] * _BARS
        for wave in self.waves:
            for number in range(_BARS):
                off = (self._time(number) - wave.at) / _SPREAD
                if -4 < off < 4:
                    shocks[number] += wave.usd * (1 - 2 * wave.longs) * math.exp(-0.5 * off * off)
        return shocks

    def _path(self, number: int, common: list[float]) -> list[Bar]:
        """Five-minute bars that end at the asset's price and have its change of the last day and of the days before."""
        asset, rng = ASSETS[number], self._rng
        shocks = self._shocks()
        own = math.sqrt(SHORT / 1000) * asset.noise
        returns = [asset.beta * common[n] + own * rng.gauss(0, 1) for n in range(_BARS)]
        split = _BARS - DAY // SHORT
        for first, last, change in ((0, split, asset.week), (split, _BARS, asset.day)):
            missing = (_TAME * change if self._calm else change) - sum(returns[first:last])
            drift = missing * (1.0 if self._calm else 0.15) / (last - first)
            pull = 0.0 if self._calm else missing * 0.85 / sum(shocks[first:last])
            for n in range(first, last):
                returns[n] += drift + pull * shocks[n]
        at = math.log(asset.price) - sum(returns)
        bars = []
        for n, change in enumerate(returns):
            opened, at = math.exp(at), at + change
            wick = abs(change) * 0.4 + own
            top, bottom = max(opened, math.exp(at)), min(opened, math.exp(at))
            volume = daily_usd(number) / opened * SHORT / DAY * self._unrest(self._time(n)) * rng.uniform(0.6, 1.4)
            bars.append(
                Bar(opened, top * (1 + wick * rng.random()), bottom * (1 - wick * rng.random()), math.exp(at), volume)
            )
        return bars

    def _candles(self) -> list[Event]:
        """Hourly ones of the week, five-minute ones of the last day, each as it was finished."""
        found: list[Event] = []
        per_hour = HOUR // SHORT
        for number, bars in enumerate(self.bars):
            for hour in range(_HOURS - 1):
                at = self._time(hour * per_hour)
                merged = _merge(bars[hour * per_hour : (hour + 1) * per_hour])
                found.append(candle(number, HOUR, at, merged, at + HOUR + 900))
            for n in range(_BARS - DAY // SHORT, _BARS - 1):
                found.append(candle(number, SHORT, self._time(n), bars[n], self._time(n) + SHORT + 900))
        return found

    def _liquidations(self) -> list[Event]:
        weights = list(accumulate(asset.fuel for asset in ASSETS))
        if self._calm:
            return self._strays(weights)
        found: list[Event] = []
        for wave in self.waves:
            sizes = [math.exp(1.3 * self._rng.gauss(0, 1)) for _ in range(wave.orders)]
            scale = wave.usd / sum(sizes)
            for size in sizes:
                ts = wave.at + int(self._rng.triangular(*_COURSE) * _SPREAD)
                found.append(self._order(ts, size * scale, _side(self._rng.random() < wave.longs), weights))
        for count, since in ((900, LENGTH), (500, _LATEST)):
            for _ in range(count):
                ts = START - 15_000 - self._rng.randrange(since - 30_000)
                usd = 9_000 * math.exp(1.2 * self._rng.gauss(0, 1))
                found.append(self._order(ts, usd, _side(self._rng.random() < 0.62), weights))
        return found

    def _strays(self, weights: list[float]) -> list[Event]:
        """What is closed in a calm week: a few positions of one side at each swing of prices."""
        rng, found = self._rng, list[Event]()
        for _ in range(_SWINGS):
            at, side = START - rng.randrange(LENGTH), _side(rng.random() < 0.55)
            for _ in range(1 + int(rng.expovariate(0.4))):
                ts = at + int(rng.expovariate(1 / MINUTE))
                if ts < START - 15_000:
                    found.append(self._order(ts, 9_000 * math.exp(1.4 * rng.gauss(0, 1)), side, weights))
        return found

    def _order(self, ts: int, usd: float, side: PositionSide, weights: list[float]) -> Liquidation:
        rng = self._rng
        number = rng.choices(range(len(ASSETS)), cum_weights=weights)[0]
        pairs = PAIRS_OF[number]
        pair = PAIRS[rng.choices(pairs, weights=[PAIRS[p].forced for p in pairs])[0]]
        price = round(self.price(number, ts) * (1 + rng.gauss(0, 5e-4)), DIGITS[number])
        amount = max(round(usd / price, 4), 0.0001)
        self._ids += 1
        return Liquidation(
            ts=ts,
            recv=ts + sum(VENUES[pair.venue].latency) // 2,
            venue=NAMES[pair.venue],
            symbol=SYMBOLS[number],
            side=side,
            price=price,
            amount=amount,
            usd=round(amount * price, 2),
            id=f"h{self._ids}",
        )

    def price(self, number: int, ts: int) -> float:
        """The asset's price at `ts` (ms) of that week."""
        n, past = divmod(ts - START + LENGTH, SHORT)
        bar = self.bars[number][max(0, min(_BARS - 1, n))]
        return bar.open + (bar.close - bar.open) * past / SHORT

    def _funding(self) -> list[Event]:
        """What each venue settled; rates lean with the price change of the hours before."""
        found: list[Event] = []
        for pair in PAIRS:
            venue = VENUES[pair.venue]
            step = venue.funding_hours * HOUR
            for ts in range(START - LENGTH + 9 * HOUR, START, HOUR):
                if ts % step:
                    continue
                moved = math.log(self.price(pair.asset, ts - 1) / self.price(pair.asset, ts - 8 * HOUR))
                rate = rate_8h(6e-5 + 3e-3 * moved + self._rng.gauss(0, 6e-6), pair.venue) * venue.funding_hours / 8
                found.append(
                    Funding(
                        ts=ts,
                        recv=ts + venue.latency[1],
                        venue=venue.name,
                        symbol=SYMBOLS[pair.asset],
                        rate=round(rate, 8),
                        interval_hours=venue.funding_hours,
                        next_ts=next_funding(ts, venue.funding_hours),
                        kind="settled",
                    )
                )
        return found

    def _depth(self) -> list[Event]:
        """What stood in all books together, by the hour: less of it where prices were restless."""
        rng, found = Random("depth"), list[Event]()
        for number in range(len(ASSETS)):
            usual = calm_depth(number)
            for ts in range(START - LENGTH + HOUR, START, HOUR):
                share = math.exp(rng.gauss(0, 0.1)) / self._unrest(ts)
                bands = {name: round(usd * share, 2) for name, usd in usual.items()}
                found.append(DepthSample(ts=ts, symbol=SYMBOLS[number], reference="mid", bands=bands))
        return found

    def _interest(self) -> list[Event]:
        """Open interest by the hour, and by five minutes at the end, so that a change over an hour is known from the
        start: highest a week ago, less after each wave."""
        found: list[Event] = []
        for pair in PAIRS:
            hours = range(START - LENGTH + HOUR // 2, START - HOUR // 4, HOUR)
            noise = {ts: self._rng.gauss(0, 1.5e-3) for ts in hours}
            found += (self._interest_at(pair, ts, noise.get(ts, 0.0)) for ts in sorted({*hours, *_FINE}))
        return found

    def _interest_at(self, pair: Pair, ts: int, noise: float) -> OpenInterest:
        asset, venue = ASSETS[pair.asset], VENUES[pair.venue]
        to_come = sum(wave.usd * 0.5 * (1 - math.tanh((ts - wave.at) / (2 * _SPREAD))) for wave in self.waves)
        coins = round(asset.interest * pair.interest / asset.price * (1 + to_come / 1.6e10) * (1 + noise), 3)
        return OpenInterest(
            ts=ts, recv=ts + venue.latency[1], venue=venue.name, symbol=asset.symbol, amount=coins,
            usd=round(coins * self.price(pair.asset, ts), 2),
        )  # fmt: skip


def _merge(bars: list[Bar]) -> Bar:
    high, low = max(bar.high for bar in bars), min(bar.low for bar in bars)
    return Bar(bars[0].open, high, low, bars[-1].close, sum(bar.volume for bar in bars))


def _side(long: bool) -> PositionSide:
    return "long" if long else "short"
