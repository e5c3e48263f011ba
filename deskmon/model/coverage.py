"""How much of a venue's liquidations its public stream shows, and when the desk heard nothing."""

from __future__ import annotations

from typing import Any, NamedTuple

from deskmon.events import FeedStatus, Gap
from deskmon.model.feeds import hears_liquidations
from deskmon.model.figures import Coverage
from deskmon.model.part import WENT_BACK, stamp


class Heard(NamedTuple):
    """How much of a venue's liquidations the desk hears. `whole`: a total of it is no lower bound. `words`: what of
    them, and how it is found."""

    coverage: Coverage
    whole: bool
    words: str


VENUES: dict[str, Heard] = {
    "aster": Heard("sampled", False, "at most one order per symbol and second"),
    "binance": Heard("sampled", False, "at most one order per symbol and second"),
    "bitfinex": Heard("polled", True, "each position, asked for every 60 s"),
    "bitget": Heard("sampled", False, "the largest long and the largest short per symbol and second"),
    "bitmex": Heard("full", True, "every order"),
    "bybit": Heard("full", True, "every order"),
    "coinbase": Heard("none", False, "nothing: it publishes none"),
    "deribit": Heard("inferred", True, "every trade with the mark of a liquidation"),
    "dydx": Heard("inferred", True, "every trade with the mark of a liquidation"),
    "gate": Heard("full", True, "every order, in batches of a second"),
    "htx": Heard("full", True, "every order"),
    "hyperliquid": Heard("inferred", False, "what the liquidator vaults of HLP took over or traded against"),
    "kraken": Heard("inferred", True, "every trade with the mark of a liquidation"),
    "lighter": Heard("inferred", True, "every trade with the mark of a liquidation"),
    "okx": Heard("sampled", False, "some orders: it says itself that its stream is not the total"),
}
"""By venue, whoever told of the orders. What is heard of a venue without a row is taken for a part."""

UNKNOWN = Heard("sampled", False, "what other programs report, taken for a part")

_CHANNELS = frozenset({"liquidations", "all", "*"})


def coverage(venue: str) -> Coverage:
    """What a venue's total is worth. `none` where the desk can't hear the venue, whoever told of the orders."""
    return VENUES.get(venue, UNKNOWN).coverage


def is_partial(venue: str, told: str = "") -> bool:
    """Whether totals of a venue are lower bounds. `told`: its coverage on this desk, where that may differ."""
    return told == "none" or not VENUES.get(venue, UNKNOWN).whole


def markdown() -> str:
    """The table of docs/metrics/time.md."""
    lines = ["| venue | coverage | its total is a lower bound | what is heard |", "|---|---|---|---|"]
    for venue, heard in sorted(VENUES.items()):
        lines.append(f"| {venue} | `{heard.coverage}` | {'no' if heard.whole else 'yes'} | {heard.words} |")
    return "\n".join([*lines, f"| every other | `{UNKNOWN.coverage}` | yes | {UNKNOWN.words} |"])


class Listeners:
    """Which feeds listen to the liquidations of which venue, and until when (ms) one did. A market whose feeds say
    nothing of themselves, such as a journal of liquidations alone, is taken for one that was listened to."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[int, str, bool]] = {}
        self._until: dict[str, int] = {}

    def take(self, status: FeedStatus) -> bool:
        """Take what a feed says of itself; True where that is news."""
        ts, venue, hears = stamp(status), status.venue or status.feed, hears_liquidations(status)
        held = self._said.get(status.feed)
        if held is not None and 0 < held[0] - ts <= WENT_BACK:
            return False
        if held is not None and held[2]:
            self._until[held[1]] = max(ts, self._until.get(held[1], ts))
        self._said[status.feed] = ts, venue, hears
        return held is None or held[1:] != (venue, hears)

    def deaf(self, venue: str = "") -> bool:
        """Whether nobody listens now, to `venue` alone where one is named."""
        said = [hears for _, name, hears in self._said.values() if venue in ("", name)]
        return bool(said) and not any(said)

    def unheard(self, after: int, venue: str = "") -> bool:
        """Whether nobody has listened since `after` (ms)."""
        until = [ts for name, ts in self._until.items() if venue in ("", name)]
        return self.deaf(venue) and max(until, default=after) <= after

    def checkpoint(self) -> Any:
        return [dict(self._said), dict(self._until)]

    def restore(self, data: Any) -> None:
        said, until = data
        self._said = {str(feed): (int(ts), str(venue), bool(hears)) for feed, (ts, venue, hears) in said.items()}
        self._until = {str(venue): int(ts) for venue, ts in until.items()}


class Silences:
    """Stretches in which liquidations were missed, oldest first; beyond `capacity` the oldest two become one."""

    def __init__(self, capacity: int = 512) -> None:
        self._capacity = capacity
        self._stretches: list[tuple[int, int]] = []

    def add(self, gap: Gap) -> bool:
        """Take a gap; True where it touches liquidations."""
        if gap.channel not in _CHANNELS:
            return False
        self._stretches.append((gap.since, gap.until))
        self._stretches.sort()
        if len(self._stretches) > self._capacity:
            first, second = self._stretches[:2]
            self._stretches[:2] = [(first[0], max(first[1], second[1]))]
        return True

    def overlap(self, after: int, until: int) -> bool:
        """Whether something was missed in (after, until]."""
        return any(since <= until and end > after for since, end in self._stretches)

    def checkpoint(self) -> Any:
        return list(self._stretches)

    def restore(self, data: Any) -> None:
        self._stretches = [(int(since), int(until)) for since, until in data]
