"""Frames of five venues for `benchmarks.october`, made beforehand: a number and a time are put in when one is sent."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from benchmarks.venue_frames import FRAMES as SHAPES
from benchmarks.venue_frames import deribit_trades, price
from deskmon.bench.frames import STAMP, START, Frame, amount, encoded, okx_frame

NUMBER, BEFORE = 7_777_777_777, 7_777_777_776
"""How a frame's number and the one before it stand in it."""
HELD = 32
"""Frames of each market's channel that are sent by turns."""


def _bybit_liquidation(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    order = {"T": ts, "s": f"{asset}USDT", "S": rng.choice(("Buy", "Sell")), "v": amount(rng), "p": str(price(rng))}
    return {"topic": f"allLiquidation.{asset}USDT", "type": "snapshot", "ts": ts, "data": [order]}


def _okx_mark(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    told = {"instType": "SWAP", "instId": f"{asset}-USDT-SWAP", "markPx": str(price(rng)), "ts": str(ts)}
    return okx_frame("mark-price", asset, told)


def _okx_funding(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    told = {"instType": "SWAP", "instId": f"{asset}-USDT-SWAP", "fundingRate": "0.0001", "ts": str(ts),
            "fundingTime": str(START + 28_800_000), "nextFundingTime": str(START + 57_600_000)}  # fmt: skip
    return okx_frame("funding-rate", asset, told)


def _okx_liquidation(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    side, position = rng.choice((("sell", "long"), ("buy", "short")))
    detail = {"side": side, "posSide": position, "bkPx": str(price(rng)), "sz": str(rng.randrange(1, 900)),
              "bkLoss": "0", "ccy": "", "ts": str(ts)}  # fmt: skip
    told = {"instId": f"{asset}-USDT-SWAP", "instType": "SWAP", "instFamily": f"{asset}-USDT", "uly": f"{asset}-USDT",
            "details": [detail]}  # fmt: skip
    return {"arg": {"channel": "liquidation-orders", "instType": "SWAP"}, "data": [told]}


def _deribit_liquidation(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    """A trade that is marked. Its numbers are not those of other trades."""
    frame = deribit_trades(asset, n, ts, rng)
    (told,) = frame["params"]["data"]
    told |= {"trade_id": f"L{n}", "liquidation": rng.choice(("T", "M"))}
    return frame


_MADE: dict[str, dict[str, Frame]] = {
    "binance": SHAPES["binance"],
    "bybit": {**SHAPES["bybit"], "liquidations": _bybit_liquidation},
    "okx": {**SHAPES["okx"], "mark": _okx_mark, "funding": _okx_funding, "liquidations": _okx_liquidation},
    "deribit": {**SHAPES["deribit"], "liquidations": _deribit_liquidation},
    "hyperliquid": SHAPES["hyperliquid"],
}
CHANNELS = {venue: tuple(channels) for venue, channels in _MADE.items()}
"""What each venue sends."""


class Supply:
    """The frames of one channel of a market. `sent[i]`: how often the i-th of `frames` was sent; `last`: which of them
    was the last, None before any."""

    def __init__(self, venue: str, channel: str, asset: str) -> None:
        self.venue, self.channel, self.asset = venue, channel, asset
        rng, make = random.Random(f"{venue} {channel} {asset}"), _MADE[venue][channel]
        self._first = encoded(make(asset, 1, START, rng))
        self.frames = [encoded(make(asset, NUMBER, START, rng)) for _ in range(HELD)]
        self.sent = [0] * HELD
        self.last: int | None = None
        self.opens = (channel == "book" and venue in ("bybit", "okx", "deribit")) or (
            channel == "ticker" and venue != "hyperliquid"
        )
        """Whether a subscriber is sent something at once."""
        self.count = 1 if self.opens else 0
        """Number of the last frame."""
        self._number, self._before = str(NUMBER).encode(), str(BEFORE).encode()

    def opening(self, stamp: bytes) -> bytes:
        """What a subscriber is sent at once: whole books and tickers, as number 1. It tells no trade, no liquidation
        and, of those that follow, no price that counts."""
        return self._first.replace(STAMP, stamp)

    def next(self) -> tuple[int, int]:
        """Which frame comes next, and its number."""
        return self._take(self.count % HELD)

    def again(self) -> tuple[int, int]:
        """The last frame as a new one: what it tells stays as it is."""
        return self._take(self.last or 0)

    def frame(self, place: int, number: int, stamp: bytes) -> bytes:
        """The frame at that place, as it is sent."""
        frame = self.frames[place].replace(self._number, b"%d" % number).replace(STAMP, stamp)
        return frame.replace(self._before, b"%d" % (number - 1)) if self.channel == "book" else frame

    def _take(self, place: int) -> tuple[int, int]:
        self.count += 1
        self.sent[place] += 1
        self.last = place
        return place, self.count


def supplies(assets: tuple[str, ...]) -> Iterator[Supply]:
    """One for each channel of each market of each venue."""
    for venue, channels in CHANNELS.items():
        for channel in channels:
            yield from (Supply(venue, channel, asset) for asset in assets)
