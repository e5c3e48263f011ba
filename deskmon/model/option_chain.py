"""One venue's options on one underlying: the newest quote of each, and how the expiries stood at past hours."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from math import isnan, nan
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec

from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import Option
from deskmon.events.columns import unpack
from deskmon.model.figures import TermPoint, TermStructure
from deskmon.model.part import stamp

if TYPE_CHECKING:
    from deskmon.model.option_analysis import Analysis

HELD = 8_000
"""Options of one chain at most; further ones are refused."""

LEFT_BEHIND = 15 * MINUTE
"""A quote that is older than the chain's newest by more (ms), and by more than two readings of the venue are apart, is
of an option that is quoted no more."""

KEPT = 7 * DAY + 3 * HOUR
"""How long term structures are kept (ms), one per hour."""

MATURITIES = (7, 30, 60, 90, 180)
"""Days, of figures at constant maturity."""

_POINT = ("days", "atm_iv", "rr25", "bf25")
_ENDS = ("atm_30d", "rr25_30d", "rr25_7d")


class OptionChain:
    """`newest`: time of the newest quote (ms). `revision` moves with each quote that counts."""

    def __init__(self) -> None:
        self.revision = 0
        self.newest = 0
        self._pause = 0  # between the last two quotes of one option (ms)
        self._size = 0
        self._quotes: dict[int, dict[tuple[float, str], Option]] = {}
        self._past: list[TermStructure] = []
        self._analysis: tuple[tuple[int, int], Analysis] | None = None

    def fold(self, option: Option) -> None:
        """Take a quote, where it isn't older than the one held. Raises ValueError for an option too many."""
        ts = stamp(option)
        if ts // HOUR > self.newest // HOUR:
            self._turn(ts)
        strikes = self._quotes.setdefault(option.expiry, {})
        key = (option.strike, option.kind)
        held = strikes.get(key)
        if held is None:
            if self._size >= HELD:
                raise ValueError(f"{option.venue} {option.underlying}: {HELD} options are known already")
            self._size += 1
        elif ts < stamp(held):
            return
        elif ts > stamp(held):
            self._pause = ts - stamp(held)
        strikes[key] = option
        self.newest = max(self.newest, ts)
        self.revision += 1

    def live(self, now: int) -> list[Option]:
        """Quotes of the options that are quoted and haven't expired at `now` (ms)."""
        since = self._current_since
        return [
            option
            for expiry, strikes in self._quotes.items()
            if expiry > now
            for option in strikes.values()
            if stamp(option) >= since
        ]

    def expiries(self, now: int) -> list[int]:
        """Expiries (ms) after `now` of which something is quoted."""
        since = self._current_since
        return [
            expiry
            for expiry, strikes in self._quotes.items()
            if expiry > now and any(stamp(option) >= since for option in strikes.values())
        ]

    def unquoted(self, now: int) -> int:
        """Options that haven't expired, and that newer readings of the venue no longer name."""
        held = sum(len(strikes) for expiry, strikes in self._quotes.items() if expiry > now)
        return held - len(self.analysis(now).chain.strike)

    def expired(self, now: int) -> int:
        """Options that the venue quoted after they had expired."""
        over = (strikes for expiry, strikes in self._quotes.items() if expiry <= now)
        return sum(stamp(option) >= option.expiry for strikes in over for option in strikes.values())

    def analysis(self, now: int) -> Analysis:
        """The chain's figures; kept until a quote comes or an expiry passes."""
        from deskmon.model.option_analysis import Analysis

        key = (self.revision, min((expiry for expiry in self._quotes if expiry > now), default=0))
        if self._analysis is None or self._analysis[0] != key:
            self._analysis = key, Analysis(self.live(now))
        return self._analysis[1]

    @property
    def past(self) -> Sequence[TermStructure]:
        """At the end of each hour that had quotes, the oldest first."""
        return self._past

    def before(self, ts: int) -> TermStructure | None:
        """The newest that isn't after `ts` (ms)."""
        index = bisect_right(self._past, ts, key=attrgetter("ts"))
        return self._past[index - 1] if index else None

    @property
    def _current_since(self) -> int:
        """Time (ms) from which a quote is of the venue's newest readings."""
        return self.newest - max(LEFT_BEHIND, 2 * self._pause)

    def _turn(self, ts: int) -> None:
        """A new hour begins: note how the old one ended, forget what has expired or is quoted no more."""
        live = self.live(self.newest)
        if live:
            from deskmon.model.option_analysis import term_structure

            self._past.append(term_structure(live, self.newest))
        self._past = [past for past in self._past if past.ts > ts - KEPT]
        since = self._current_since
        for expiry, strikes in list(self._quotes.items()):
            if expiry <= ts - HOUR:
                del self._quotes[expiry]
            else:
                self._quotes[expiry] = {key: option for key, option in strikes.items() if stamp(option) >= since}
        self._size = sum(map(len, self._quotes.values()))

    def checkpoint(self) -> Any:
        quotes = [option for strikes in self._quotes.values() for option in strikes.values()]
        points = [point for past in self._past for point in past.points]
        columns = [[getattr(point, name) for point in points] for name in _POINT]
        columns += [[getattr(past, name) for past in self._past] for name in _ENDS]
        return {
            "newest": self.newest,
            "pause": self._pause,
            "quotes": msgspec.to_builtins(quotes),
            "past": [
                array("q", [past.ts for past in self._past]),
                array("q", [len(past.points) for past in self._past]),
                array("q", [point.expiry for point in points]),
                *(array("d", [nan if value is None else value for value in column]) for column in columns),
            ],
        }

    @classmethod
    def restored(cls, data: Any) -> OptionChain:
        """The chain that `checkpoint` wrote. Raises ValueError, TypeError or LookupError for other data."""
        chain = cls()
        for option in msgspec.convert(data["quotes"], list[Option]):
            chain._quotes.setdefault(option.expiry, {})[option.strike, option.kind] = option
        chain._size = sum(map(len, chain._quotes.values()))
        chain.newest, chain._pause = int(data["newest"]), int(data["pause"])
        times, counts, expiries = (unpack("q", text) for text in data["past"][:3])
        columns = [[None if isnan(value) else value for value in unpack("d", text)] for text in data["past"][3:]]
        rows = zip(expiries, *columns[:4], strict=True)
        points = iter([TermPoint(expiry=expiry, **dict(zip(_POINT, row, strict=True))) for expiry, *row in rows])
        chain._past = [
            TermStructure(ts=ts, points=[next(points) for _ in range(count)], **dict(zip(_ENDS, ends, strict=True)))
            for ts, count, *ends in zip(times, counts, *columns[4:], strict=True)
        ]
        return chain
