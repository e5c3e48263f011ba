"""Liquidation waves: what the detector of `analytics.waves` finds, with prices and open interest over each."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from deskmon.analytics.baseline import BUCKET, OWN, RARITY
from deskmon.analytics.wave_detector import WARM_UP, Detector, Sums
from deskmon.analytics.wave_settings import Parameters
from deskmon.analytics.wave_tracker import Outline
from deskmon.assets import symbols_of
from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import Gap, Liquidation, Wave, WaveState
from deskmon.format import base
from deskmon.model.coverage import Silences, is_partial
from deskmon.model.figures import SideSums, StressFigure, WaveBaseline, WaveFigure
from deskmon.model.largest import LargestOrders, order_figures
from deskmon.model.open_interest import OpenInterests
from deskmon.model.part import Part, percent_change, stamp
from deskmon.model.prices import Prices
from deskmon.model.series import Series
from deskmon.model.since import PastValues
from deskmon.model.stresses import stresses

HELD = 200
"""Waves that are held, the newest."""
LARGEST_SHOWN = 5
"""Orders of a wave in its figure."""
RANKED = 2_000
"""Waves among which one is ranked, the newest."""

TIMELINE = DAY + HOUR
"""How far back the sums by the bucket go (ms)."""

_MINUTE = MINUTE // BUCKET


class Waves(Part[list[WaveFigure]]):
    """Folds liquidations that the part of liquidations found to be new, and gaps.

    A wave's figures are settled when it is over for good, with the prices and open interest known then.
    """

    def __init__(
        self, prices: Prices, open_interest: OpenInterests, largest: LargestOrders, parameters: Parameters
    ) -> None:
        self._prices = prices
        self._interest = open_interest
        self._largest = largest
        self._parameters = parameters
        super().__init__()

    def clear(self) -> None:
        self.revision += 1
        self._detector = Detector(self._parameters)
        self._settled: deque[WaveFigure] = deque(maxlen=HELD)
        self._over: dict[int, WaveState] = {}  # the states of settled waves
        self._behind: dict[int, list[Liquidation]] = {}  # the largest orders of each settled wave
        self._ranked: list[tuple[int, float]] = []  # (start in ms, USD) of waves that are over, oldest first
        self._ranks = 0
        self._past = PastValues()
        self._buckets = Series(BUCKET, TIMELINE // BUCKET + 1, 2)
        self._silences = Silences()

    def listen(self, since: int) -> None:
        """Say from when (ms) the desk has listened."""
        self._detector.listen(since)

    def fold_liquidation(self, event: Liquidation, amount: int) -> None:
        """Take one of so many micro-dollars."""
        ts = stamp(event)
        self._detector.add(ts, (event.venue, event.symbol, event.side), amount)
        if self._detector.over:
            self._settle()
        self._note(ts, event.side == "short", amount)
        self.revision += 1

    def fold(self, event: Gap | Wave) -> None:
        if type(event) is Gap:
            if self._silences.add(event):
                self._detector.miss(event.since, event.until)
        elif type(event) is Wave:
            self._remember(event)
        self.revision += 1

    def _settle(self) -> None:
        """Keep what ended for good."""
        for seen in self._detector.over:
            figure = self._ranked_figure(self._figure(seen.outline, seen.state, seen.sums, seen.outline.end))
            self._settled.append(figure)
            self._behind[figure.id] = self._orders(figure, seen.outline.end)
            for gone in [*self._behind][:-HELD]:
                del self._behind[gone]
            self._rank(figure.start, figure.usd)
        self._detector.over.clear()
        self._over = {wave.id: wave.state for wave in self._settled}

    @property
    def late(self) -> int:
        """Liquidations that came too late to be counted in a wave."""
        return self._detector.late

    def current(self, now: int) -> WaveFigure | None:
        """The wave that runs at desk time `now` (ms)."""
        newest = self.figures(now)[-1:]
        return newest[0] if newest and newest[0].state != "over" else None

    def is_running(self, now: int) -> bool:
        """Whether a wave runs at desk time `now` (ms); cheaper than its figure."""
        seen = self._detector.view(now)
        return bool(seen) and seen[-1][1] != "over"

    def orders(self, wave: int, now: int) -> list[Liquidation]:
        """The largest orders of the wave of this id, of all, of each venue and of each asset, the largest first."""
        if wave in self._behind:
            return self._behind[wave]
        figure = next((figure for figure in self.figures(now) if figure.id == wave), None)
        return [] if figure is None else self._orders(figure, now if figure.end is None else figure.end)

    def states(self, now: int) -> dict[int, WaveState]:
        """State of each held wave by id, oldest first; cheaper than figures. While no wave runs and none ends it is the
        same dict again."""
        running = self._detector.view(now)
        return {**self._over, **{outline.id: state for outline, state in running}} if running else self._over

    def baseline(self, now: int) -> WaveBaseline | None:
        """By what waves are called at desk time `now` (ms)."""
        since, known = self._detector.since, self._detector.known(now)
        if since is None:
            return None
        return WaveBaseline(
            source="prior" if known < OWN else "own", quiet_minutes=known * BUCKET / MINUTE, provisional=known < RARITY,
            warming_up_until=since + WARM_UP if since <= now < since + WARM_UP else None,
        )  # fmt: skip

    def stresses(self, now: int) -> list[StressFigure]:
        """Runs of waves that took a large part of what those of the week before `now` (ms) took, the oldest first."""
        return stresses(self.figures(now), now)

    def busiest_minutes(self, now: int, span_ms: int, step_ms: int = MINUTE) -> list[tuple[int, float, float]]:
        """(start in ms, USD of longs, USD of shorts) of the busiest minute, six buckets in a row as in a wave's peak,
        that ended within each stretch of `step_ms`, a whole number of minutes. Stretches begin in (now − span, now],
        oldest first. Nothing is known from before `TIMELINE`."""
        buckets, width = self._buckets, step_ms // BUCKET
        first, last = (now - span_ms) // step_ms + 1, now // step_ms
        oldest = buckets.before(first * step_ms - MINUTE) + 1
        held = {buckets.ts[at] // BUCKET: at for at in range(oldest, buckets.before(now) + 1)}
        # Between buckets in which something is, a sum over six can only fall.
        ends = {end for end in held if end >= first * width}.union(range(first * width, (last + 1) * width, width))
        found = [(0.0, 0.0)] * (last + 1 - first)
        for end in sorted(ends):
            minute = [held[bucket] for bucket in range(end - _MINUTE + 1, end + 1) if bucket in held]
            long, short = (sum(column[at] for at in minute) for column in buckets.columns)
            if long + short > sum(found[end // width - first]):
                found[end // width - first] = (long, short)
        return [((first + number) * step_ms, long / 1e6, short / 1e6) for number, (long, short) in enumerate(found)]

    def checkpoint(self) -> Any:
        return {
            "detector": self._detector.checkpoint(), "settled": msgspec.to_builtins(list(self._settled)),
            "buckets": self._buckets.checkpoint(), "silences": self._silences.checkpoint(),
            "ranked": list(self._ranked),
            "behind": [[wave, msgspec.to_builtins(orders)] for wave, orders in self._behind.items()],
        }  # fmt: skip

    def restore(self, data: Any) -> None:
        self.clear()
        self._detector.restore(data["detector"])
        self._settled.extend(msgspec.convert(data["settled"], list[WaveFigure]))
        self._over = {wave.id: wave.state for wave in self._settled}
        self._ranked = [(int(start), float(usd)) for start, usd in data["ranked"]]
        self._ranks += 1
        self._behind = {int(wave): msgspec.convert(orders, list[Liquidation]) for wave, orders in data["behind"]}
        self._buckets.restore(data["buckets"])
        self._silences.restore(data["silences"])

    def _orders(self, wave: WaveFigure, until: int) -> list[Liquidation]:
        return self._largest.behind(wave.start - 1, until, wave.by_venue, wave.by_symbol)

    def _remember(self, wave: Wave) -> None:
        """Rank waves of an earlier run too; those of this one are found anew."""
        since = self._detector.since
        if wave.state == "over" and since is not None and wave.start < since:
            self._rank(wave.start, float(wave.usd))

    def _rank(self, start: int, usd: float) -> None:
        place = bisect_left(self._ranked, (start,))
        if place < len(self._ranked) and self._ranked[place][0] == start:
            self._ranked[place] = start, usd
        else:
            self._ranked.insert(place, (start, usd))
            del self._ranked[:-RANKED]
        self._ranks += 1

    def _ranked_figure(self, figure: WaveFigure) -> WaveFigure:
        """With its place among the waves that began before it."""
        stop = bisect_left(self._ranked, (figure.start,))
        earlier = self._ranked[:stop]
        since = self._past.since(
            (self._ranks, stop), lambda: ([at for at, _ in earlier], [usd for _, usd in earlier]), figure.start,
            figure.usd,
        )  # fmt: skip
        return msgspec.structs.replace(figure, since=since)

    def _note(self, ts: int, short: bool, amount: int) -> None:
        buckets = self._buckets
        index = -1
        if ts // BUCKET != buckets.newest_slot:
            index, _ = buckets.place(ts // BUCKET * BUCKET)
            if index < 0:
                return
        buckets.columns[short][index] += amount

    def _version(self) -> int:
        return self.revision + self._prices.revision + self._interest.revision

    def _compute(self, now: int) -> list[WaveFigure]:
        running = [
            self._ranked_figure(
                self._figure(outline, state, self._detector.sums(outline), outline.end if state == "over" else now)
            )
            for outline, state in self._detector.view(now)
        ]
        return [*self._settled, *running][-HELD:]

    def _figure(self, wave: Outline, state: WaveState, sums: Sums, until: int) -> WaveFigure:
        """The wave as it stands; prices and open interest are compared until `until` (ms), to the minute."""
        long, short, count = _totals(sums, "long"), _totals(sums, "short"), sum(count for _, count in sums.values())
        by_symbol = _by(sums, lambda venue, symbol: base(symbol))
        by_venue = _by(sums, lambda venue, symbol: venue)
        lead = max(by_symbol, key=lambda asset: by_symbol[asset].usd)
        largest = self._largest.of(wave.start - 1, until)[:LARGEST_SHOWN]
        until = max(wave.start, until // MINUTE * MINUTE + MINUTE - 1)
        incomplete = self._silences.overlap(wave.start, wave.end)
        start, extreme, end = self._path(lead, wave.start, until, falling=long >= short)
        return WaveFigure(
            id=wave.id, group="all", state=state, start=wave.start, peak=wave.peak_time,
            end=wave.end if state == "over" else None,
            usd=(long + short) / 1e6, long_usd=long / 1e6, short_usd=short / 1e6, count=count,
            long_share=long / (long + short), peak_usd_per_min=wave.peak / 1e6, by_venue=by_venue, by_symbol=by_symbol,
            lead=lead, price_start=start, price_low=extreme, price_end=end,
            price_move_pct=None if start is None or extreme is None else percent_change(extreme, start),
            open_interest_change_pct=self._deleveraged(lead, wave.start, until),
            lower_bound=incomplete or any(is_partial(venue) for venue in by_venue),
            provisional=wave.provisional, largest=order_figures(largest), incomplete=incomplete,
        )  # fmt: skip

    def _path(
        self, asset: str, since: int, until: int, *, falling: bool
    ) -> tuple[float | None, float | None, float | None]:
        """Price of an asset's main symbol at `since`, at the extreme against those who were liquidated, at `until`; the
        latter None where none was told meanwhile."""
        symbols = symbols_of(asset, self._prices.symbols)
        if not symbols:
            return None, None, None
        before, during = self._prices.ranges(symbols[0], until, until - since, 2)
        told = during if self._prices.told(symbols[0], since, until) else None
        end, low, high = told or (None, None, None)
        return before[0] if before else None, low if falling else high, end

    def _deleveraged(self, asset: str, since: int, until: int) -> float | None:
        """Percent by which open interest changed, in coins, over all venues and symbols of the asset that told it
        meanwhile; None where none did."""
        ends = [
            pair
            for symbol in symbols_of(asset, self._interest.symbols)
            for pair in self._interest.between(symbol, since, until)
        ]
        earlier = sum(first for first, _ in ends)
        return percent_change(sum(last for _, last in ends), earlier) if ends else None


def _totals(sums: Sums, wanted: str) -> int:
    return sum(amount for (_, _, side), (amount, _) in sums.items() if side == wanted)


def _by(sums: Sums, name: Callable[[str, str], str]) -> dict[str, SideSums]:
    """Sums by what `name` makes of venue and symbol, in order of name."""
    totals: dict[str, list[int]] = {}
    for (venue, symbol, side), (amount, count) in sums.items():
        total = totals.setdefault(name(venue, symbol), [0, 0, 0])
        total[side == "short"] += amount
        total[2] += count
    return {
        key: SideSums(usd=(long + short) / 1e6, long_usd=long / 1e6, short_usd=short / 1e6, count=count)
        for key, (long, short, count) in sorted(totals.items())
    }
