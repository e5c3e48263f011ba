"""Small markets made by hand, for tests and for looking at panels. The same every time: no clock, no chance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from math import exp, log, sin, sqrt
from typing import Literal, get_args

from deskmon.clock import DAY, HOUR, MINUTE, SECOND
from deskmon.events import (
    Book,
    Candle,
    EtfFlow,
    Event,
    FeedStatus,
    Funding,
    Gap,
    Headline,
    Holding,
    HoldingTrade,
    Journal,
    Level,
    Liquidation,
    Metric,
    Note,
    OpenInterest,
    Option,
    PositionSide,
    Pulse,
    Ticker,
    Trade,
    VolatilityIndex,
)
from deskmon.model import Model
from deskmon.sample_alerts import full_alerts, odd_alerts

NOW = 1_763_735_527_000
"""The desk clock of the sample markets: 2025-11-21 14:32:07 UTC."""

Kind = Literal["empty", "one", "full", "odd", "stale"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""empty: nothing has arrived. one: a single venue, asset and liquidation. full: five venues, five assets, two days.
odd: the largest and smallest values, names and texts that events allow. stale: full, twenty minutes later."""

ASSETS = {"BTC": 84_812.5, "ETH": 2_771.2, "SOL": 128.41, "BNB": 833.9, "XRP": 1.9482}
VENUES = ("binance", "bybit", "okx", "hyperliquid", "deribit")
EXPIRIES = tuple(NOW // DAY * DAY + days * DAY + 8 * HOUR for days in (1, 7, 14, 35, 98, 126, 217))
"""Of the sample chains (ms)."""
_SHARES = (0.18, 0.36, 0.10, 0.33, 0.03)
_WEIGHTS = (0.62, 0.25, 0.07, 0.03, 0.03)


def model_of(events: Iterable[Event]) -> Model:
    """A model that has folded `events`. Raises AssertionError where it couldn't fold one."""
    model = Model()
    model.apply(events)
    assert not model.rejected, f"the model rejected {model.rejected}: {list(model.samples)}"
    return model


def sample_model(kind: Kind) -> Model:
    """The sample market of this kind as a model; look at it at desk time `NOW`, `stale` at the same."""
    return model_of(sample_events(kind))


def sample_events(kind: Kind) -> list[Event]:
    """The events of a sample market, in order of time."""
    markets = {"empty": _nothing, "one": _one, "full": _full, "odd": _odd, "stale": _stale}
    return list(markets[kind]())


def _header(started: int) -> Journal:
    return Journal(version=1, source="simulated", note="sample", started=started, ts=started, mode="demo")


def _nothing() -> Iterator[Event]:
    return iter(())


def _one() -> Iterator[Event]:
    symbol = "BTC/USDT:USDT"
    yield _header(NOW - MINUTE)
    yield Ticker(ts=NOW - 2 * SECOND, venue="bybit", symbol=symbol, last=84_812.5)
    yield Funding(ts=NOW - 2 * SECOND, venue="bybit", symbol=symbol, rate=0.0001, interval_hours=8)
    yield OpenInterest(ts=NOW - 2 * SECOND, venue="bybit", symbol=symbol, amount=60_000.0, usd=5.09e9)
    yield Book(ts=NOW, venue="bybit", symbol=symbol, bids=((84_812.0, 1.5),), asks=((84_813.0, 2.0),))
    yield Liquidation(
        ts=NOW - SECOND, venue="bybit", symbol=symbol, side="long", price=84_700.0, amount=0.5, usd=42_350.0
    )
    yield FeedStatus(ts=NOW, feed="bybit", venue="bybit", state="live", detail="", last_event=NOW - SECOND, events=5)


def _stale() -> Iterator[Event]:
    yield from _full(NOW - 20 * MINUTE)
    yield Pulse(ts=NOW, seq=2, mode="demo")


def _full(now: int = NOW) -> Iterator[Event]:
    yield _header(now - 2 * DAY)
    yield from _candles(now)
    yield from _states(now)
    yield from _carry(now)
    yield from _options(now)
    yield from _context(now)
    yield from _liquidations(now)
    for i in range(40):
        asset = tuple(ASSETS)[i % 3]
        price = ASSETS[asset] * (1 + i * 1e-4)
        yield Trade(
            ts=now - (40 - i) * 7 * SECOND, venue=VENUES[i % 4], symbol=f"{asset}/USDT:USDT", price=price,
            amount=(120_000 + 37_000 * i) / price, side="sell" if i % 3 else "buy", id=f"t{i}",
        )  # fmt: skip
    yield from _feeds(now)
    yield from _said(now)
    yield from full_alerts(now)
    yield Pulse(ts=now, seq=1, mode="demo")


def _candles(now: int) -> Iterator[Event]:
    for n, (asset, last) in enumerate(ASSETS.items()):
        for hours in range(7 * 24 + 1, 0, -1):
            wave = 1 + 0.001 * hours * (1 + 0.1 * n) + 0.01 * sin(hours / 5 + n)
            close, start = last * wave, now - hours * HOUR
            yield Candle(
                ts=start + HOUR, venue="binance", symbol=f"{asset}/USDT:USDT", timeframe="1h", open_time=start,
                open=close, high=close * 1.004, low=close * 0.996, close=close, volume=1_000.0,
            )  # fmt: skip


def _states(now: int) -> Iterator[Event]:
    for n, (asset, last) in enumerate(ASSETS.items()):
        for m, venue in enumerate(VENUES):
            symbol = f"{asset}/USDT:USDT" if venue not in ("hyperliquid", "deribit") else f"{asset}/USDC:USDC"
            ts = now - (200 + 700 * m + 150 * n)
            price = round(last * (1 + 0.0001 * (m - 2)), 4 if last < 100 else 2)
            tick = price * 1e-5
            yield Ticker(
                ts=ts, venue=venue, symbol=symbol, last=price, bid=price - tick, ask=price + tick, mark=price * 1.0002,
                index=price * 1.0001, high_24h=last * 1.09, low_24h=last * 0.962,
            )  # fmt: skip
            rate = (0.0001, 0.00008, -0.00003, 0.0000125, -0.00021)[m] * (1 - 0.3 * n)
            hours = 1 if venue == "hyperliquid" else 8
            following = now // (hours * HOUR) * hours * HOUR + hours * HOUR
            yield Funding(ts=ts, venue=venue, symbol=symbol, rate=rate, interval_hours=hours, next_ts=following)
            coins = 4e9 * _SHARES[m] * (1 - 0.19 * n) / last
            for ago, factor in ((7 * DAY, 1.45 + 0.01 * m), (DAY, 1.12 + 0.02 * m), (HOUR, 1.01), (0, 1.0)):
                amount = coins * factor
                yield OpenInterest(ts=ts - ago, venue=venue, symbol=symbol, amount=amount, usd=amount * last)
            levels = range(1, 26)
            yield Book(
                ts=ts, venue=venue, symbol=symbol,
                bids=tuple((price * (1 - 0.00021 * i * (m + 1)), 3e5 * i / price) for i in levels),
                asks=tuple((price * (1 + 0.00021 * i * (m + 1)), 2e5 * i / price) for i in levels),
            )  # fmt: skip


def _carry(now: int) -> Iterator[Event]:
    """What was settled in eight days, dated futures, and capitalisations."""
    for n, asset in enumerate(ASSETS):
        for m, venue in enumerate(VENUES):
            symbol = f"{asset}/USDT:USDT" if venue not in ("hyperliquid", "deribit") else f"{asset}/USDC:USDC"
            hours = 1 if venue == "hyperliquid" else 8
            newest = now // (hours * HOUR) * hours * HOUR
            for step in range(8 * 24 // hours):
                rate = round(0.00012 * hours / 8 * (sin(step * hours / 30 + n + m) - 0.1 * m), 8)
                yield Funding(
                    ts=newest - step * hours * HOUR, venue=venue, symbol=symbol, rate=rate, interval_hours=hours,
                    kind="settled",
                )  # fmt: skip
    spot = ASSETS["BTC"]
    for venue, symbol, excess in (
        ("deribit", "BTC/USD:BTC-251226", 0.0061), ("deribit", "BTC/USD:BTC-260327", 0.0188),
        ("okx", "BTC/USDT:USDT-251226", 0.0054),
    ):  # fmt: skip
        last = round(spot * (1 + excess), 1)
        index = spot if venue == "deribit" else None
        yield Ticker(ts=now - 900, venue=venue, symbol=symbol, last=last, mark=last, index=index)
    for name, value in (("total_market_cap", 2.92e12), ("market_cap_btc", 1.69e12)):
        yield Metric(ts=now - MINUTE, name=name, value=value, unit="USD")


def _context(now: int) -> Iterator[Event]:
    """Four funds of two assets, one of which is late; two holders; series by the day and the hour; headlines."""
    midnight = now // DAY * DAY
    funds = (("BTC", "IBIT", 260.0), ("BTC", "FBTC", 90.0), ("BTC", "GBTC", 60.0), ("ETH", "ETHA", 70.0))
    for ago in range(60, 0, -1):
        day = datetime.fromtimestamp((midnight - ago * DAY) / 1000, UTC)
        for n, (asset, fund, millions) in enumerate(funds):
            if day.weekday() < 5 and not (ago == 1 and fund == "GBTC"):
                yield EtfFlow(
                    ts=midnight - ago * DAY + 26 * HOUR, asset=asset, fund=fund, date=day.date().isoformat(),
                    usd=round(millions * (sin(ago / 6 + n) - 0.25) * 1e6), aum_usd=millions * 3e8,
                    status="preliminary" if ago == 1 else "final", source="sample",
                )  # fmt: skip
    for entity, amount, cost in (("Strategy", 649_870.0, 74_433.0), ("Spot BTC ETFs", 1_310_000.0, 89_650.0)):
        yield Holding(ts=now - 3 * DAY, entity=entity, asset="BTC", amount=amount, average_cost=cost, note="sample")
    yield HoldingTrade(ts=now - 4 * DAY, entity="Strategy", asset="BTC", amount=8_178.0, usd=835_600_000.0)
    yield HoldingTrade(ts=now - 2 * DAY, entity="Spot BTC ETFs", asset="BTC", amount=-4_100.0, usd=-364_000_000.0)
    for name, digits, value, swing in (
        ("fear_greed", 0, 11.0, 30.0), ("us10y", 2, 4.13, 0.1), ("dxy", 2, 99.9, 1.2), ("gold", 1, 4_083.0, 160.0),
        ("sopr_sth", 3, 0.973, 0.05),
    ):  # fmt: skip
        unit = {"us10y": "percent", "gold": "USD/oz", "sopr_sth": "ratio"}.get(name, "index")
        for ago in range(119, -1, -1):
            passed = round(value + swing * (1 - sin(1.571 - ago / 19)), digits)
            yield Metric(ts=midnight - ago * DAY, name=name, value=passed, unit=unit, source="sample")
    for ago, text in (
        (9, "Bitcoin falls below $85,000 for the first time since April as forced selling meets thin order books"),
        (95, "Spot bitcoin funds report a third week of net redemptions"),
        (1_600, "Minutes show officials split over a cut in December; yields little changed"),
    ):
        yield Headline(ts=now - ago * MINUTE, text=text, source="sample wire", url="https://example.org/story")


def _options(now: int) -> Iterator[Event]:
    """Chains of BTC and ETH a week ago, a day ago and now, with more fear each time; a year of DVOL."""
    for n, (asset, step) in enumerate((("BTC", 500.0), ("ETH", 20.0))):
        for days in range(364, 0, -1):
            vol = 48.0 + 14 * n + 9 * sin(days / 40 + n) + 4 * sin(days / 7)
            yield _dvol(now - days * DAY - MINUTE, asset, vol + (16.0 if 200 < days < 206 else 0.0))
        for ago, fear in ((7 * DAY, 0.2), (DAY, 0.6), (0, 1.0)):
            spot = ASSETS[asset] * (1 + 0.12 * ago / (7 * DAY))
            yield from _chain(now - ago, asset, spot, step, 0.42 + 0.16 * n + 0.09 * fear, 0.25 + 0.5 * fear)
        yield _dvol(now - 20 * SECOND, asset, 60.4 + 16 * n)


def _dvol(ts: int, asset: str, value: float) -> Event:
    return VolatilityIndex(ts=ts, venue="deribit", name="DVOL", underlying=asset, value=round(value, 2))


def _chain(ts: int, asset: str, spot: float, step: float, vol: float, lean: float) -> Iterator[Event]:
    """One chain: `vol` at the money at 30 days, `lean` of the put wing; the outermost puts have no bid."""
    for n, expiry in enumerate(EXPIRIES):
        years = (expiry - ts) / (365 * DAY)
        forward = spot * (1 + 0.05 * years)
        level = vol * (1 + 0.06 * (1 - min(3.0, sqrt(years * 12))))
        middle = round(ASSETS[asset] / step)
        spacing = max(1, round(0.16 * sqrt((expiry - NOW) / (365 * DAY)) * middle))
        for i in range(-6, 7):
            strike = step * (middle + i * spacing)
            moneyness = log(strike / forward) / level / sqrt(years)
            iv = 100 * level * (1 - 0.09 * lean * moneyness + 0.02 * moneyness**2)
            liked = exp(-0.1 * (i - 2) ** 2) if i > 0 else 0.6 * exp(-0.06 * (i + 3) ** 2)
            held = 1_000.0 * liked * (1 + n % 3) * (1.0 if asset == "BTC" else 12.0)
            for kind in ("put", "call"):
                own = held * (1.4 if (kind == "call") == (i > 0) else 0.35)
                yield Option(
                    ts=ts, venue="deribit", underlying=asset, expiry=expiry, strike=strike, kind=kind,
                    underlying_price=round(forward, 2), mark_iv=round(iv, 2), ask_iv=round(iv + 0.9, 2),
                    bid_iv=0.0 if i == -6 else round(iv - 0.9, 2), open_interest=round(own, 1),
                    volume_24h=round(own / 9, 1),
                )  # fmt: skip


def _liquidations(now: int) -> Iterator[Event]:
    """Four hundred over two days, denser towards the end, adding up to about two billion dollars, most of it long."""
    for i in range(400):
        ago = int(2 * DAY * (1 - i / 400) ** 3) + 900
        m, n = (i * 7 % 10 + i % 3) % 5, (0, 0, 1, 0, 2, 1, 3, 4)[i % 8]
        asset, venue = tuple(ASSETS)[n], VENUES[m]
        side: PositionSide = "short" if i % 13 == 0 else "long"
        usd = 2.4e7 * _SHARES[m] * _WEIGHTS[n] * (1 + (i * 37 % 101) / 25) * (0.1 if i % 4 else 1.9)
        price = ASSETS[asset] * (1 + ago / DAY * 0.02)
        yield Liquidation(
            ts=now - ago, recv=now - ago + 120, venue=venue, symbol=f"{asset}/USDT:USDT", side=side, price=price,
            amount=usd / price, usd=usd, id=f"l{i}",
        )  # fmt: skip


def _feeds(now: int) -> Iterator[Event]:
    for m, venue in enumerate(VENUES):
        state, detail = ("stale", "no trade for 41 s") if venue == "okx" else ("live", "5 symbols, 7 channels")
        for seconds in (10, 0):
            yield FeedStatus(
                ts=now - seconds * SECOND, feed=venue, venue=venue, state=state, detail=detail,  # type: ignore[arg-type]
                last_event=now - (41_000 if venue == "okx" else 200 + 700 * m), events=98_112 * (m + 1) - 300 * seconds,
                dropped=12 if venue == "binance" else 0, rejected=m % 2, reconnects=m, lag_ms=38.0 + 21 * m,
                channels={"ticker": "live", "liquidations": "live"},
            )  # fmt: skip
    yield Gap(
        ts=now - HOUR, feed="binance", venue="binance", channel="trades", since=now - HOUR - 4 * SECOND,
        until=now - HOUR, dropped=12,
    )  # fmt: skip


def _said(now: int) -> Iterator[Event]:
    """What a hub and a trader said."""
    for minutes, status, kind in ((70, "broken", "resistance"), (10, "reclaimed", "support")):
        yield Level(
            ts=now - minutes * MINUTE, symbol="BTC/USDT:USDT", id="85000", price=85_000.0, low=84_900.0, high=85_120.0,
            kind=kind, status=status, before="testing", close=84_512.0 if minutes == 70 else 85_301.5,  # type: ignore[arg-type]
            timeframe="1h", score=6.5, label="lost on Friday",
        )  # fmt: skip
    yield Note(ts=now - 9 * MINUTE, by="anna", text="sold half of it", symbol="BTC/USDT:USDT", price=85_290.0)
    yield Note(ts=now - 30 * MINUTE, by="ben", text="Hyperliquid slow for me")


def _odd() -> Iterator[Event]:
    """What a panel doesn't expect: names of 64 characters and of two cells each, prices of any size, empty books."""
    yield _header(NOW - 9 * DAY)
    long_name, wide = "x" * 57 + "/USDT", "柴犬/USDT:USDT"
    cases = (("BTC/USDT:USDT", 9.87654321e11), (long_name, 1.23456e-9), (wide, 0.5), ("1000PEPE/USDT:USDT", 100.0))
    for n, (symbol, last) in enumerate(cases):
        venue = ("venue-" + "y" * 58, "火币", "gate", "htx")[n]
        yield Candle(
            ts=NOW - 6 * HOUR, venue=venue, symbol=symbol, timeframe="1h", open_time=NOW - 7 * HOUR, open=last * 3,
            high=last * 40, low=last / 40, close=last * 20, volume=0.0,
        )  # fmt: skip
        yield Ticker(ts=NOW + 5 * SECOND * n, venue=venue, symbol=symbol, last=last, high_24h=last * 60)
        yield Funding(ts=NOW, venue=venue, symbol=symbol, rate=-0.75 + n, interval_hours=0.5, next_ts=NOW - HOUR)
        yield OpenInterest(ts=NOW, venue=venue, symbol=symbol, amount=0.0, usd=0.0)
        yield Book(ts=NOW, venue=venue, symbol=symbol, bids=((last, 1.0),) if n % 2 else (), asks=((last, 1.0),))
        for side, usd in (("long", min(9.9e10, 9e17 * last)), ("short", 0.001)):
            yield Liquidation(
                ts=NOW - n, venue=venue, symbol=symbol, side=side, price=last, amount=usd / last, usd=usd,  # type: ignore[arg-type]
                id="i" * 200,
            )  # fmt: skip
        yield Trade(ts=NOW - n, venue=venue, symbol=symbol, price=last, amount=5e6 / last, side="buy")
        detail = "HTTP 451\x1b[2J\n\t" + "very long detail " * 60
        yield FeedStatus(
            ts=NOW, feed=f"feed {n} " + "z" * 50, venue=venue, state="down", detail=detail, events=10**15,
            dropped=10**9, lag_ms=-3.6e6,
        )  # fmt: skip
    yield from _odd_options()
    yield from _odd_context()
    yield from odd_alerts(NOW)


def _odd_context() -> Iterator[Event]:
    """Names of two cells a character, sums near the limit, a fund that stopped, text made to mislead a terminal."""
    tricks = (
        "\x1b]52;c;aGk=\x07\x1b[2J\x9b31m \u202edesrever\u202c a\u200bb\u00a0c [red]d[/] \u05d0\u05d1 e\u0301 \ufe0f"
    )
    for n, fund in enumerate(("f" * 64, "易方达基金", "[b]x[/b]", "none")):
        for ago in (1, 400) if n < 3 else (40,):
            day = datetime.fromtimestamp((NOW - ago * DAY) / 1000, UTC).date().isoformat()
            yield EtfFlow(
                ts=NOW - ago * DAY, asset=("柴犬", "BTC")[n % 2], fund=fund, date=day, usd=(9e17, -9e17, 0.0, 1e-9)[n],
                source=tricks,
            )  # fmt: skip
    yield Holding(ts=NOW, entity="财" * 32, asset="BTC", amount=9e17, average_cost=9e17, note=tricks)
    yield Holding(ts=NOW, entity="e" * 64, asset="a" * 64, amount=0.0, average_cost=0.0)
    yield HoldingTrade(ts=NOW, entity="h" * 64, asset="柴犬", amount=0.0, usd=-9e17)
    for n, name in enumerate(("m" * 64, "恐慌", "fear_greed", "us10y")):
        yield Metric(ts=NOW - n * 400 * DAY, name=name, value=(9e17, -9e17, -1.0, 1e-12)[n], unit=tricks, source=tricks)
    for n, text in enumerate((tricks, "w" * 2_000, "火币 " * 500, "a b " * 500)):
        yield Headline(ts=NOW - n, text=text, source=tricks * 9, url="https://" + "u" * 1_900)
        yield Note(ts=NOW - n, text=text, by="柴" * 32, symbol="s" * 64 if n % 2 else None, price=1.23456e-9)


def _odd_options() -> Iterator[Event]:
    """Too few strikes, a forward next to nothing, quotes crossed, without bid, volatility or open interest, an expiry
    that has passed, one that is now, and an index without a chain."""
    long_name = "u" * 64
    for n, (underlying, expiry) in enumerate(
        ((long_name, NOW + DAY), ("BTC", NOW + 1), ("BTC", NOW - HOUR), ("BTC", NOW + 900 * DAY), ("柴犬", NOW + DAY))
    ):
        for i in range(1 + 2 * n):
            yield Option(
                ts=NOW - 9 * SECOND, venue="venue-" + "y" * 58, underlying=underlying, expiry=expiry,
                strike=1.23456e-9 * 10 ** (3 * i), kind="call" if i % 2 else "put",
                underlying_price=1e-9 if n == 0 else 9.8765e8, mark_iv=(0.0, 999.99, None)[i % 3],
                bid_iv=900.0 if i == 3 else 0.0, ask_iv=1.0, open_interest=None if n == 0 else 9.9e11 * (i % 2),
            )  # fmt: skip
    yield VolatilityIndex(ts=NOW, venue="deribit", name="DVOL", underlying="i" * 64, value=0.004)
