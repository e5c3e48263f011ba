"""What the desk of `benchmarks.october` told and shows, beside what was sent."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.october_count import Counted, sums
from benchmarks.october_markets import symbol
from deskmon.analytics.baseline import BUCKET
from deskmon.model.figures import State, WaveFigure

SHOWN = 5
"""Differences of one kind that are named."""


@dataclass
class Told:
    """What a journal holds, counted by the line as `Counted` counts frames. `lags_ms`: how late trades
    came, sorted. `kinds`: (venue, type) of the events."""

    trades: dict[tuple[str, str, str], tuple[int, float]] = field(default_factory=dict)
    last: dict[tuple[str, str], float] = field(default_factory=dict)
    liquidations: list[tuple[str, str, str, int, float]] = field(default_factory=list)
    lags_ms: list[int] = field(default_factory=list)
    kinds: set[tuple[str, str]] = field(default_factory=set)


def told(journal: Path) -> Told:
    """What was written to `journal`."""
    trades: dict[tuple[str, str, str], list[float]] = defaultdict(lambda: [0, 0.0])
    found = Told()
    with journal.open("rb") as lines:
        for line in lines:
            event = json.loads(line)
            kind = event["type"]
            found.kinds.add((event.get("venue", ""), kind))
            if kind not in ("trade", "liquidation", "ticker"):
                continue
            venue, asset = event["venue"], event["symbol"].partition("/")[0]
            if kind == "trade":
                trades[venue, asset, event["side"]][0] += 1
                trades[venue, asset, event["side"]][1] += event["amount"]
                found.lags_ms.append(event["recv"] - event["ts"])
            elif kind == "liquidation":
                found.liquidations.append((venue, asset, event["side"], event["ts"], event["usd"]))
            else:
                found.last[venue, asset] = event["last"]
    found.trades = {key: (int(count), coins) for key, (count, coins) in trades.items()}
    found.lags_ms.sort()
    return found


def _close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-6)


def few(what: str, differing: Iterable[str]) -> Iterator[str]:
    """The first of some differences of a kind, and how many there are beside them."""
    found = list(differing)
    yield from (f"{what}: {words}" for words in found[:SHOWN])
    if len(found) > SHOWN:
        yield f"{what}: {len(found) - SHOWN:,} more"


def differences(sent: Counted, told: Told) -> list[str]:
    """How the journal differs from what was sent."""
    found = [*few("trades", (
        f"{key}: sent {sent.trades.get(key)}, told {told.trades.get(key)}" for key in sent.trades.keys() | told.trades
        if (one := sent.trades.get(key, (0, 0.0)))[0] != (other := told.trades.get(key, (0, 0.0)))[0]
        or not _close(one[1], other[1])
    ))]  # fmt: skip
    found += few("last price", (
        f"{key}: sent {price}, told {told.last.get(key)}" for key, price in sent.last.items()
        if told.last.get(key) != price
    ))  # fmt: skip
    ordered = [sorted(each) for each in (sent.liquidations, told.liquidations)]
    if len(ordered[0]) != len(ordered[1]):
        found.append(f"liquidations: sent {len(ordered[0]):,}, told {len(ordered[1]):,}")
    else:
        found += few("liquidation", (
            f"sent {one}, told {other}" for one, other in zip(*ordered, strict=True)
            if one[:4] != other[:4] or not _close(one[4], other[4])
        ))  # fmt: skip
    return found


def wrong_in_state(sent: Counted, state: State) -> list[str]:
    """What of `deskmon state` differs from what was sent."""
    window = state.liquidations.windows["24h"]
    shown: dict[tuple[str, str], Any] = {("venue", venue): each for venue, each in window.by_venue.items()}
    shown |= {("symbol", asset): each for asset, each in window.by_symbol.items()}
    expected = sums(sent.liquidations)
    found = [*few("liquidations in 24 h", (
        f"{key}: sent {usd, count}, shown {each and (each.usd, each.count)}" for key, (usd, count) in expected.items()
        if key[0] in ("venue", "symbol")
        and ((each := shown.get(key)) is None or each.count != count or not _close(each.usd, usd))
    ))]  # fmt: skip
    for name, value in (("long", window.long_usd), ("short", window.short_usd)):
        usd, _ = expected.get(("side", name), (0.0, 0))
        if not _close(usd, value or 0.0):
            found.append(f"liquidated {name} in 24 h: sent {usd:,.2f}, shown {value}")
    found += few("feed", (
        f"{label}: {each.state}, {each.reconnects} reconnects, {each.dropped} dropped, {each.rejected} rejected"
        for label, each in state.feeds.items()
        if not each.service and (each.reconnects or each.dropped or each.rejected or each.state != "live")
    ))  # fmt: skip
    return found + _wrong_waves(sent, state) + _wrong_prices(sent, state)


def of_wave(wave: WaveFigure, sent: Counted) -> list[tuple[str, str, str, int, float]]:
    """The liquidations that a wave should hold. One that runs ends with its last burst so far: then with the bucket up
    to which as many were sent as it counts; where there is none, all that follow its start."""
    begun = [each for each in sent.liquidations if each[3] >= wave.start // BUCKET * BUCKET]
    if wave.end is not None:
        return [each for each in begun if each[3] < wave.end]
    for border in sorted({each[3] // BUCKET + 1 for each in begun}):
        inside = [each for each in begun if each[3] < border * BUCKET]
        if len(inside) == wave.count:
            return inside
    return begun


def _wrong_waves(sent: Counted, state: State) -> list[str]:
    """A wave holds what was liquidated from its start to its end, in whole buckets."""
    found = []
    for wave in state.liquidations.waves:
        inside = of_wave(wave, sent)
        expected = sums(inside)
        for key, (usd, count) in expected.items():
            shown: Any = {"venue": wave.by_venue, "symbol": wave.by_symbol}.get(key[0], {}).get(key[1])
            if key[0] == "all":
                shown = wave
            if key[0] != "side" and (shown is None or shown.count != count or not _close(shown.usd, usd)):
                found.append(f"wave {wave.id}, {key}: sent {usd, count}, shown {shown and (shown.usd, shown.count)}")
    return list(few("waves", found))


def _wrong_prices(sent: Counted, state: State) -> list[str]:
    """The desk's price of a symbol is one of those that were sent last."""
    of_symbol: dict[str, set[float]] = defaultdict(set)
    for (venue, asset), price in sent.last.items():
        of_symbol[symbol(venue, asset)].add(price)
    return list(few("price", (
        f"{name}: sent {sorted(prices)}, shown {state.prices.get(name) and state.prices[name].last}"
        for name, prices in of_symbol.items() if name not in state.prices or state.prices[name].last not in prices
    )))  # fmt: skip
