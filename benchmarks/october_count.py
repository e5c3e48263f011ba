"""What was sent, counted from the frames themselves by json alone and by the venues' documentation."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from benchmarks.october_frames import Supply

CONTRACT = 0.01
"""Coins in a contract of OKX's swaps here; the other venues count coins."""


class Counted(NamedTuple):
    """Sums of what a market's frames told. `trades`: (venue, asset, side of the taker) → how many, coins. `last`:
    (venue, asset) → price. `liquidations`: (venue, asset, position, ms, dollars) of each."""

    frames: int
    trades: dict[tuple[str, str, str], tuple[int, float]]
    last: dict[tuple[str, str], float]
    liquidations: list[tuple[str, str, str, int, float]]


def _trade(venue: str, frame: Any) -> tuple[str, float]:
    """Side of the taker, and coins."""
    if venue == "binance":
        return "sell" if frame["m"] else "buy", float(frame["q"])
    told = _rows(venue, frame)[0]
    if venue == "bybit":
        return str(told["S"]).lower(), float(told["v"])
    if venue == "okx":
        return told["side"], float(told["sz"]) * CONTRACT
    if venue == "deribit":
        return told["direction"], float(told["amount"])
    return {"B": "buy", "A": "sell"}[told["side"]], float(told["sz"])


def _rows(venue: str, frame: Any) -> Any:
    return frame["params"]["data"] if venue == "deribit" else frame["data"]


def _liquidation(venue: str, frame: Any) -> tuple[str, float]:
    """The position that was closed, and dollars."""
    if venue == "binance":
        order = frame["o"]
        return {"SELL": "long", "BUY": "short"}[order["S"]], float(order["z"]) * float(order["ap"])
    told = _rows(venue, frame)[0]
    if venue == "bybit":
        return {"Buy": "long", "Sell": "short"}[told["S"]], float(told["v"]) * float(told["p"])
    if venue == "okx":
        detail = told["details"][0]
        return detail["posSide"], float(detail["sz"]) * CONTRACT * float(detail["bkPx"])
    sold = (told["direction"] == "sell") == (told["liquidation"] == "T")
    return "long" if sold else "short", float(told["amount"]) * float(told["price"])


def _last(venue: str, channel: str, frame: Any) -> float | None:
    """The last price that a frame of a ticker tells; of Hyperliquid, which tells none, the mid price."""
    told: Any = None
    if venue == "binance" and channel == "mini":
        told = frame["c"]
    elif venue == "bybit" and channel == "ticker":
        told = frame["data"]["lastPrice"]
    elif venue == "okx" and channel == "ticker":
        told = frame["data"][0]["last"]
    elif venue == "deribit" and channel == "ticker":
        told = frame["params"]["data"]["last_price"]
    elif venue == "hyperliquid" and channel == "ticker":
        told = frame["data"]["ctx"]["midPx"]
    return None if told is None else float(told)


def counted(supplies: Iterable[Supply], liquidations: Iterable[tuple[Supply, int, int]]) -> Counted:
    """What was sent. `liquidations`: whose, which of its frames, and its time in ms."""
    frames, last = 0, {}
    trades: dict[tuple[str, str, str], list[float]] = defaultdict(lambda: [0, 0.0])
    for each in supplies:
        frames += sum(each.sent)
        if each.channel == "trades" or (each.venue, each.channel) == ("deribit", "liquidations"):
            for frame, times in zip(each.frames, each.sent, strict=True):
                side, coins = _trade(each.venue, json.loads(frame))
                trades[each.venue, each.asset, side][0] += times
                trades[each.venue, each.asset, side][1] += times * coins
        if each.last is None or each.channel not in ("mini", "ticker"):
            continue
        newest = _last(each.venue, each.channel, json.loads(each.frames[each.last]))
        if newest is not None:
            last[each.venue, each.asset] = newest
    found = [(each.venue, each.asset, ts, _liquidation(each.venue, json.loads(each.frames[place])))
             for each, place, ts in liquidations]  # fmt: skip
    return Counted(
        frames, {key: (int(count), coins) for key, (count, coins) in trades.items() if count}, last,
        [(venue, asset, side, ts, usd) for venue, asset, ts, (side, usd) in found],
    )  # fmt: skip


def written(sent: Counted) -> str:
    """As a line of JSON."""
    return json.dumps([
        sent.frames, [[*key, *sums] for key, sums in sent.trades.items()],
        [[*key, price] for key, price in sent.last.items()], sent.liquidations,
    ])  # fmt: skip


def read(line: str) -> Counted:
    """What `written` wrote."""
    frames, trades, last, liquidations = json.loads(line)
    return Counted(
        frames, {(venue, asset, side): (count, coins) for venue, asset, side, count, coins in trades},
        {(venue, asset): price for venue, asset, price in last},
        [(venue, asset, side, ts, usd) for venue, asset, side, ts, usd in liquidations],
    )  # fmt: skip


def sums(liquidations: Iterable[tuple[str, str, str, int, float]]) -> Mapping[tuple[str, str], tuple[float, int]]:
    """Dollars and number of liquidations by ("venue" or "symbol", its name), by ("side", position), and in all."""
    found: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0])
    for venue, asset, side, _, usd in liquidations:
        for key in (("venue", venue), ("symbol", asset), ("side", side), ("all", "")):
            found[key][0] += usd
            found[key][1] += 1
    return {key: (usd, int(count)) for key, (usd, count) in found.items()}
