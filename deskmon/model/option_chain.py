"""One venue's options on one underlying: the newest quote of each, and how the expiries stood at past hours."""

from __future__ import annotations

from array import array
from bisect import bisect_right, insort
from collections.abc import Callable, Sequence
from functools import partial
from math import isnan, nan
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import Option
from deskmon.events.columns import unpack
from deskmon.model.figures import ChainFigures, SmileQuote, StrikeFigure, TermPoint, TermStructure
from deskmon.model.finder import Finder, Search
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


class Found(Protocol):
    """What is known of a chain, whoever calculated it."""

    @property
    def figures(self) -> ChainFigures: ...

    @property
    def strikes(self) -> list[StrikeFigure]: ...


class OptionChain:
    """`newest`: time of the newest quote (ms). `revision` moves with each quote that counts."""

    def __init__(
        self, name: tuple[str, str, str], finder: Finder, found: Callable[[], None],
        ended: Callable[[TermStructure], None],
    ) -> None:  # fmt: skip
        """name: underlying, venue, and what is quoted in. `found` is called when figures were found later, `ended` with
        how each hour ended."""
        self._name, self._finder, self._on_found, self._on_end = name, finder, found, ended
        self.revision = 0
        self.newest = 0
        self._pause = 0  # between the last two quotes of one option (ms)
        self._size = 0
        self._quotes: dict[int, dict[tuple[float, str], Option]] = {}
        self._past: list[TermStructure] = []

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

    def unquoted(self, now: int, quoted: int) -> int:
        """Options that haven't expired, and that newer readings of the venue no longer name: they name `quoted`."""
        held = sum(len(strikes) for expiry, strikes in self._quotes.items() if expiry > now)
        return max(0, held - quoted)

    def expired(self, now: int) -> int:
        """Options that the venue quoted after they had expired."""
        over = (strikes for expiry, strikes in self._quotes.items() if expiry <= now)
        return sum(stamp(option) >= option.expiry for strikes in over for option in strikes.values())

    def analysis(self, now: int) -> Found | None:
        """The chain's figures, found anew when a quote comes or an expiry passes; None until the first are found."""
        search = partial(self._search, now)
        found: Found | None = self._finder.find(("chain", *self._name), self._version(now), now, search, self._on_found)
        return found

    @property
    def is_awaited(self) -> bool:
        """Whether the first figures are being found, or the first smile."""
        return any(self._finder.is_pending((kind, *self._name)) for kind in ("chain", "smiles"))

    def smile(self, expiry: int, now: int) -> list[SmileQuote]:
        """The options of one expiry (ms), by strike, puts before calls; empty until they are found."""
        search = partial(self._search_whole, now)
        whole: Analysis | None = self._finder.find(
            ("smiles", *self._name), self._version(now), now, search, self._on_found
        )
        return whole.smile_quotes(expiry) if whole else []

    def _version(self, now: int) -> tuple[int, int]:
        return self.revision, min((expiry for expiry in self._quotes if expiry > now), default=0)

    def _search(self, now: int) -> Search:
        return partial(_analysis, self.live(now))

    def _search_whole(self, now: int) -> Search:
        """That of `_search`, where this process has it: it knows the smiles too."""
        found = self.analysis(now)
        return partial(_whole, found, self.live(now))

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
        end = self.newest
        live = self.live(end)
        if live:
            self._finder.find_once(
                ("hour", *self._name), end, lambda: partial(_term_structure, live, end), self._end_hour
            )
        self._past = [past for past in self._past if past.ts > ts - KEPT]
        since = self._current_since
        for expiry, strikes in list(self._quotes.items()):
            if expiry <= ts - HOUR:
                del self._quotes[expiry]
            else:
                self._quotes[expiry] = {key: option for key, option in strikes.items() if stamp(option) >= since}
        self._size = sum(map(len, self._quotes.values()))

    def _end_hour(self, past: TermStructure) -> None:
        """Hold how an hour ended; that of an earlier one may be found later."""
        before = self.before(past.ts)
        if before is None or before.ts != past.ts:
            insort(self._past, past, key=attrgetter("ts"))
            self._on_end(past)

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

    def restore(self, data: Any) -> None:
        """Be the chain that `checkpoint` wrote. Raises ValueError, TypeError or LookupError for other data."""
        for option in msgspec.convert(data["quotes"], list[Option]):
            self._quotes.setdefault(option.expiry, {})[option.strike, option.kind] = option
        self._size = sum(map(len, self._quotes.values()))
        self.newest, self._pause = int(data["newest"]), int(data["pause"])
        times, counts, expiries = (unpack("q", text) for text in data["past"][:3])
        columns = [[None if isnan(value) else value for value in unpack("d", text)] for text in data["past"][3:]]
        rows = zip(expiries, *columns[:4], strict=True)
        points = iter([TermPoint(expiry=expiry, **dict(zip(_POINT, row, strict=True))) for expiry, *row in rows])
        self._past = [
            TermStructure(ts=ts, points=[next(points) for _ in range(count)], **dict(zip(_ENDS, ends, strict=True)))
            for ts, count, *ends in zip(times, counts, *columns[4:], strict=True)
        ]


def _analysis(options: Sequence[Option]) -> Analysis:
    from deskmon.model.option_analysis import Analysis

    return Analysis(options)


def _whole(found: Found | None, options: Sequence[Option]) -> Analysis:
    from deskmon.model.option_analysis import Analysis

    return found if isinstance(found, Analysis) else Analysis(options)


def _term_structure(options: Sequence[Option], ts: int) -> TermStructure:
    from deskmon.model.option_analysis import term_structure

    return term_structure(options, ts)
