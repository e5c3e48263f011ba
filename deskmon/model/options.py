"""Options: chains by underlying, their smiles and exposures, and the volatility index beside them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec

from deskmon.clock import HOUR, MINUTE
from deskmon.events import Option, VolatilityIndex
from deskmon.model.day_values import DayValues
from deskmon.model.figures import MaturityFigure, OptionsFigure, SmileQuote, StrikeFigure, TermStructure
from deskmon.model.finder import Finder
from deskmon.model.option_chain import OptionChain
from deskmon.model.part import Part
from deskmon.model.volatility_index import UNKNOWN, IndexHistory

INDEX = "DVOL"

VENUES = ("deribit", "okx", "bybit", "binance")
"""Whose chain counts, before others by name."""

FRESH = 15 * MINUTE
"""A chain whose newest quote is older (ms) counts only where no other is younger."""

CHAINS = 64
"""Chains, and volatility indices, held at most."""

TOLERANCE = 2 * HOUR
"""How much older than asked for a past term structure may be (ms)."""

REMEMBERED = ("7d", "30d")
"""Constant maturities whose risk reversal is remembered by the day."""

ASSUMPTION = "naive"
"""Sign of dealers' gamma, see `analytics.gamma`."""


Series = tuple[str, str]
"""Venue, and what its options are quoted in ("" where they don't say): options of one strike and expiry in two
currencies are two instruments. Those that don't say are the venue's main ones and come first."""


class Options(Part[dict[str, OptionsFigure]]):
    """Folds option quotes and values of DVOL. `days`: where risk reversals are remembered by the day;
    `finder`: where figures of a chain are found."""

    def __init__(self, days: DayValues, finder: Finder) -> None:
        self._days, self._finder = days, finder
        super().__init__()

    def clear(self) -> None:
        self.revision += 1
        self._finder.clear()
        self._chains: dict[str, dict[Series, OptionChain]] = {}
        self._indices: dict[str, IndexHistory] = {}

    def fold(self, event: Option) -> None:
        """Take a quote. Raises ValueError for a chain or an option too many."""
        chains = self._chains.get(event.underlying, {})
        series = event.venue, event.quote_currency or ""
        chain = chains.get(series)
        if chain is None:
            if sum(map(len, self._chains.values())) >= CHAINS:
                raise ValueError(f"{event.venue} {event.underlying}: {CHAINS} option chains are known already")
            chain = self._chains.setdefault(event.underlying, {})[series] = self._chain(event.underlying, series)
        chain.fold(event)
        self.revision += 1

    def fold_index(self, event: VolatilityIndex) -> None:
        """Take a value of DVOL, of any time; other indices aren't shown. Raises ValueError for one too many."""
        if event.name != INDEX:
            return
        index = self._indices.get(event.underlying)
        if index is None:
            if len(self._indices) >= CHAINS:
                raise ValueError(f"{event.name} of {event.underlying}: {CHAINS} volatility indices are known already")
            index = self._indices[event.underlying] = IndexHistory()
        index.note(event)
        self.revision += 1

    def underlyings(self) -> list[str]:
        """Names of those that have a chain or an index, sorted."""
        return sorted({*self._chains, *self._indices})

    def expiries(self, now: int) -> dict[int, list[str]]:
        """Underlyings by the expiries (ms) that are ahead of `now`."""
        found: dict[int, set[str]] = {}
        for underlying, chains in self._chains.items():
            for chain in chains.values():
                for expiry in chain.expiries(now):
                    found.setdefault(expiry, set()).add(underlying)
        return {expiry: sorted(found[expiry]) for expiry in sorted(found)}

    def figure(self, underlying: str, now: int) -> OptionsFigure | None:
        """The figures of one underlying: a panel that shows one needn't pay for all. None where nothing is known."""
        if underlying not in self._chains and underlying not in self._indices:
            return None
        return self.kept(underlying, now, lambda: self._figure(underlying, now))

    def awaited(self, underlying: str, now: int) -> bool:
        """Whether the first figures of its chain are being found, or its first smile."""
        chain = self._reference(underlying, now)
        return chain is not None and chain[1].is_awaited

    def strikes(self, underlying: str, now: int) -> list[StrikeFigure]:
        """Open interest and exposure by strike, ascending."""
        chain = self._reference(underlying, now)
        found = chain[1].analysis(now) if chain else None
        return found.strikes if found else []

    def smile(self, underlying: str, expiry: int, now: int) -> list[SmileQuote]:
        """The options of one expiry (ms), by strike, puts before calls."""
        chain = self._reference(underlying, now)
        return chain[1].smile(expiry, now) if chain else []

    def term_structure(self, underlying: str, now: int, ago: int) -> TermStructure | None:
        """How the expiries stood `ago` ms before `now`, at most two hours earlier; None where that isn't known."""
        chain = self._reference(underlying, now)
        past = chain[1].before(now - ago) if chain else None
        return past if past is not None and past.ts >= now - ago - TOLERANCE else None

    def skew_history(self, underlying: str, now: int) -> Sequence[TermStructure]:
        """Term structures at the end of each hour of a week, the oldest first."""
        chain = self._reference(underlying, now)
        return chain[1].past if chain else ()

    def index_history(self, underlying: str, since: int) -> list[tuple[int, float]]:
        """(time in ms, DVOL) after `since`: by the day, the last 8 days by five minutes."""
        index = self._indices.get(underlying)
        return index.history(since) if index else []

    def checkpoint(self) -> Any:
        return {
            "chains": [
                [underlying, *series, chain.checkpoint()]
                for underlying, chains in self._chains.items()
                for series, chain in chains.items()
            ],
            "indices": {underlying: index.checkpoint() for underlying, index in self._indices.items()},
        }

    def restore(self, data: Any) -> None:
        self.clear()
        for underlying, venue, quoted, held in data["chains"]:
            chain = self._chains.setdefault(underlying, {})[venue, quoted] = self._chain(underlying, (venue, quoted))
            chain.restore(held)
        for underlying, held in data["indices"].items():
            index = self._indices[underlying] = IndexHistory()
            index.restore(held)

    def chain(self, underlying: str, venue: str, quoted: str) -> OptionChain | None:
        """A venue's options on an underlying that are quoted in one currency ("": the venue's main one)."""
        return self._chains.get(underlying, {}).get((venue, quoted))

    def _chain(self, underlying: str, series: Series) -> OptionChain:
        return OptionChain(
            (underlying, *series), self._finder, self._moved, partial(self._remember, underlying, series)
        )

    def _moved(self) -> None:
        self.revision += 1

    def _reference(self, underlying: str, now: int) -> tuple[Series, OptionChain] | None:
        """The chain that counts, with what it is."""
        chains = self._chains.get(underlying)
        if not chains:
            return None
        order = {venue: rank for rank, venue in enumerate(VENUES)}
        ranked = sorted(chains, key=lambda series: (order.get(series[0], len(order)), series))
        fresh = [series for series in ranked if self.age(now, chains[series].newest) <= FRESH]
        series = fresh[0] if fresh else max(ranked, key=lambda series: chains[series].newest)
        return series, chains[series]

    def _version(self) -> int:
        return self.revision + self._days.revision

    def _compute(self, now: int) -> dict[str, OptionsFigure]:
        found = {name: self.figure(name, now) for name in self.underlyings()}
        return {name: figure for name, figure in found.items() if figure is not None}

    def _figure(self, underlying: str, now: int) -> OptionsFigure:
        index = self._indices.get(underlying)
        chain = self._reference(underlying, now)
        found = UNKNOWN if index is None else index.figures(now, self.age)
        if chain is None:
            return OptionsFigure(**found, **_NO_CHAIN)
        more = _chain_figures(*chain, now, self.age(now, chain[1].newest))
        more["constant_maturity"] = {
            name: self._with_since(underlying, chain[0], name, figure, now)
            for name, figure in more["constant_maturity"].items()
        }
        return OptionsFigure(**found, **more)

    def _with_since(
        self, underlying: str, series: Series, maturity: str, figure: MaturityFigure, now: int
    ) -> MaturityFigure:
        if maturity not in REMEMBERED:
            return figure
        since = self._days.since(_remembered(underlying, series, maturity), now, figure.rr25)
        return msgspec.structs.replace(figure, since=since)

    def _remember(self, underlying: str, series: Series, past: TermStructure) -> None:
        """Note how an hour of a chain ended."""
        for maturity, rr25 in zip(REMEMBERED, (past.rr25_7d, past.rr25_30d), strict=True):
            if rr25 is not None:
                self._days.note(_remembered(underlying, series, maturity), past.ts, rr25)


def _remembered(underlying: str, series: Series, maturity: str) -> str:
    return " ".join(("rr25", maturity, "of", underlying, "on", *filter(None, series)))


def _chain_figures(series: Series, chain: OptionChain, now: int, age: int) -> dict[str, Any]:
    found = chain.analysis(now)
    return {
        **(_AWAITED if found is None else msgspec.structs.asdict(found.figures)),
        "venue": series[0],
        "quote_currency": series[1] or None,
        "age_ms": age,
        "gex_assumption": ASSUMPTION,
        "expired": chain.expired(now),
        "unquoted": None if found is None else chain.unquoted(now, found.figures.quotes),
    }


_AWAITED: dict[str, Any] = {
    "nearest_forward": None, "vix_style_30d": None, "expiries": [], "constant_maturity": {}, "put_call_oi": None,
    "put_call_volume": None, "gex_usd": None, "gex_flip": None, "quotes": None, "crossed": None,
}  # fmt: skip
_NO_CHAIN: dict[str, Any] = {
    **_AWAITED, "venue": None, "quote_currency": None, "age_ms": None, "gex_assumption": ASSUMPTION, "quotes": 0,
    "crossed": 0, "expired": 0, "unquoted": 0,
}  # fmt: skip
