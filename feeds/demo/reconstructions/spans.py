"""A market from its figures, span by span: what was liquidated in each, and where the price went meanwhile."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import count
from random import Random

from deskmon.events import Event, Liquidation, PositionSide
from deskmon.feedkit import DAY, HOUR, MINUTE, SECOND
from deskmon.feeds.demo import data
from deskmon.feeds.demo.reconstructions import carry, quotes
from deskmon.feeds.demo.reconstructions.around import Around, Paths
from deskmon.feeds.demo.reconstructions.chain_figures import listed_chains
from deskmon.feeds.demo.reconstructions.closing import closing
from deskmon.feeds.demo.reconstructions.orders import Cells, Stream, Wave, evenly, in_waves, liquidations, progress
from deskmon.feeds.demo.reconstructions.prices import Path, at, follow, through
from deskmon.feeds.demo.reconstructions.reconstruction import Reconstruction
from deskmon.feeds.demo.reconstructions.remembered import liquidation_days, risk_reversals
from deskmon.feeds.demo.reconstructions.span_figures import Span, SpanFigures
from deskmon.feeds.demo.reconstructions.totals import split

_SHARED = {"2025-11-20": ("etf-2025.toml",), "2026-01-29": ("etf-2026-01.toml",)}
_UNREST_STEP = 10 * SECOND
_LASTS = 12
"""A wave is over after so many times its pace in minutes."""
_QUIET = 0.3
_LONGS = (0.84, 0.1, 0.06)
"""Shares of the longs that are closed in a wave, in its aftershocks, and quietly."""
_SHORTS = (0.25, 0.75)
"""The same of shorts: in the waves, and quietly."""
_CLOSELY = 2 * MINUTE


@cache
def timeline(name: str, pace: int) -> Reconstruction:
    """The market of that name. Made once per process, the same in each."""
    files = (*_SHARED.get(name, ()), f"{name}.toml", f"{name}-context.toml")
    figures = data.read("reconstructions", files, SpanFigures)
    return Spans(figures, Random(name), pace).made()


class Spans(Around[SpanFigures]):
    """One market in the making. Whatever is drawn comes from `rng`; its sources report every second at `pace`."""

    def __init__(self, figures: SpanFigures, rng: Random, pace: int) -> None:
        super().__init__(figures)
        self._figures, self._rng, self._pace = figures, rng, pace
        self._ids = count(1)
        self._unrest = self._all_unrest()

    def made(self) -> Reconstruction:
        """The timeline of all of it."""
        figures = self._figures
        paths = self._paths()
        forced = [order for span in figures.spans for order in self._forced(span, paths)]
        events: list[Event] = [*forced, *self._quotes(paths), *self._books(paths), *self._carry(paths, forced)]
        events += [*self._options(paths), *self.metrics(paths), *self.etf_flows(), *self.trades()]
        events += [*self.holdings(figures.holdings_at), *self.calendar(), *self.headlines()]
        events += [*liquidation_days(figures), *risk_reversals(figures)]
        return self.timeline(events, [*(venue.name for venue in figures.named), "deribit"], self._pace)

    def unrest(self, ts: int) -> float:
        """How unsettled the market is at `ts` (ms): 0 in calm, about 1 at the height of a wave."""
        return self._unrest.get(ts // _UNREST_STEP, 0.0)

    def _all_unrest(self) -> dict[int, float]:
        found: dict[int, float] = {}
        for fall in self._figures.falls:
            wave = fall.wave
            for step in range(
                wave.onset // _UNREST_STEP, int(wave.onset + _LASTS * wave.pace * MINUTE) // _UNREST_STEP
            ):
                found[step] = found.get(step, 0.0) + wave.unrest(step * _UNREST_STEP)
        return found

    def _paths(self) -> dict[str, Path]:
        figures, rng = self._figures, self._rng
        begun = figures.path[0][0]
        before = through(
            [*figures.history, figures.path[0]], ((0, 6 * HOUR),), lambda ts: figures.noise, rng, capped=True
        )
        knots = sorted((*figures.path, *(knot for fall in figures.falls for knot in fall.knots())))
        steps = (
            (begun, 30 * MINUTE), (figures.listened_since, 5 * MINUTE), (figures.start, self._pace * SECOND // 5),
        )  # fmt: skip
        after = through(knots, steps, lambda ts: figures.noise * (1 + self.unrest(ts)), rng)
        bitcoin = Path(before.ts[:-1] + after.ts, before.values[:-1] + after.values)
        return {
            name: bitcoin if name == "BTC" else self._tied(follow(bitcoin, asset, rng), name)
            for name, asset in self.assets.items()
        }

    def _tied(self, path: Path, name: str) -> Path:
        """`path` through the asset's given prices; its end stays."""
        ties = [(ts, math.log(price / path.at(ts))) for ts, price in self._figures.ties.get(name, ())]
        if not ties:
            return path
        if ties[-1][0] < self._figures.end:
            ties.append((self._figures.end, 0.0))
        return Path(path.ts, [price * math.exp(at(ties, ts)) for ts, price in zip(path.ts, path.values, strict=True)])

    def _cells(self, span: Span) -> Cells:
        """Cents by venue, side and asset; they sum to the span's exactly."""
        figures, found = self._figures, dict[tuple[str, PositionSide, str], int]()
        sides: tuple[tuple[PositionSide, float], ...] = (("long", span.long), ("short", span.short))
        for side, millions in sides:
            own = {venue: round(getattr(each, side) * 1e8) for venue, each in span.exactly.items()}
            rest = [venue for venue in figures.venue_shares if venue not in own]
            shared = split(
                round(millions * 1e8) - sum(own.values()), self._weights(figures.venue_shares[v] for v in rest)
            )
            for venue, cents in (*own.items(), *zip(rest, shared, strict=True)):
                parts = split(cents, self._weights(figures.asset_shares.values()))
                found |= {(venue, side, name): part for name, part in zip(figures.asset_shares, parts, strict=True)}
        return found

    def _weights(self, shares: Iterable[float]) -> list[float]:
        return [share * math.exp(0.15 * self._rng.gauss(0, 1)) for share in shares]

    def _forced(self, span: Span, paths: Paths) -> list[Liquidation]:
        limits = (span.since, span.until)
        waves = [fall.wave for fall in span.falls]
        calm = (Stream(1.0, evenly(*limits), _QUIET),)
        streams: dict[PositionSide, Sequence[Stream]] = {"long": calm, "short": calm}
        if waves:
            after = [Wave(wave.onset, 2.5 * wave.pace, wave.weight) for wave in waves]
            streams = {
                "long": (
                    Stream(_LONGS[0], in_waves(waves), 1.6), Stream(_LONGS[1], in_waves(after), 0.3),
                    Stream(_LONGS[2], evenly(*limits), _QUIET),
                ),
                "short": (Stream(_SHORTS[0], in_waves(waves), 0.6), Stream(_SHORTS[1], evenly(*limits), _QUIET)),
            }  # fmt: skip
        return liquidations(self._cells(span), streams, limits, self.assets, paths, self._rng, self._ids)

    def _quotes(self, paths: Paths) -> list[Event]:
        figures, second, found = self._figures, self._pace * SECOND, list[Event]()
        start, end, first = figures.start, figures.end, -(-figures.history[0][0] // DAY) * DAY
        for name, asset in self.assets.items():
            path, leads = paths[name], name in figures.leaders
            for number, venue in enumerate(figures.named if leads else figures.named[:1]):
                step = second // 5 if name == "BTC" and number == 0 else 2 * second
                found += quotes.tickers(asset, venue, path, range(start, end + 1, step), self.unrest, self._rng)
            for frame, since in (
                ("1d", first if name in figures.daily else figures.daily_since), ("1h", figures.listened_since),
                ("5m", start - DAY),
            ):  # fmt: skip
                if frame != "5m" or leads:
                    found += quotes.candles(asset, path, frame, since, end, self.unrest, self._rng)
        return found

    def _books(self, paths: Paths) -> list[Event]:
        """Those of each noon before the start, so that the desk knows what depth was, and closer ones from then on."""
        figures, second, found = self._figures, self._pace * SECOND, list[Event]()
        for name, depth in figures.depth.items():
            noons = range(figures.books_since // DAY * DAY + DAY // 2, figures.start - HOUR, DAY)
            for ts in (*noons, *range(figures.start, figures.end + 1, (2 if name == "BTC" else 20) * second)):
                usd = depth.usd * at(depth.over, ts)
                for venue in figures.named:
                    once = range(ts, ts + 1)
                    found += quotes.books(self.assets[name], venue, paths[name], once, self.unrest, usd, self._rng)
        return found

    def _carry(self, paths: Paths, forced: Sequence[Liquidation]) -> list[Event]:
        figures, rng, found = self._figures, self._rng, list[Event]()
        known = [ts for ts, _ in figures.interest if ts < figures.start]
        falls = (range(fall.onset, fall.onset + 40 * MINUTE, _CLOSELY) for fall in figures.falls)
        times = sorted({
            *range(known[0], figures.listened_since, DAY), *known, *range(figures.listened_since, figures.start, HOUR),
            *range(figures.start, figures.end + 1, 6 * self._pace * SECOND), figures.end,
            *(ts for fall in falls for ts in fall if figures.start <= ts <= figures.end),
        })  # fmt: skip
        told = range(figures.start, figures.end + 1, 10 * self._pace * SECOND)
        longs = progress(order for order in forced if order.side == "long")
        bitcoin = closing(figures.interest, paths["BTC"], longs)
        peak = max(usd for _, usd in figures.interest)
        for name, interest in figures.interests.items():
            asset, path = self.assets[name], paths[name]
            held = {ts: interest.peak * (bitcoin(ts) / peak) ** interest.power for ts in times}
            for venue in figures.venues:
                share = figures.interest_before.get(venue.name, venue.interest)
                found += carry.interest(asset, venue, path, held.__getitem__, times, share)
                if venue.hours:
                    bias, since = figures.biases.get(name, 0.0), figures.listened_since
                    found += carry.settled(asset, venue, figures.funding, bias, since, figures.end, rng)
                    found += carry.predicted(asset, venue, figures.funding, bias, told, rng)
        return found

    def _options(self, paths: Paths) -> list[Event]:
        figures, found = self._figures, list[Event]()
        times = (
            *range(figures.end - 7 * DAY, figures.end - DAY, 6 * HOUR),
            *range(figures.end - DAY, figures.end, HOUR),
        )
        for name in figures.dvol:
            found += self.volatility(name, figures.dvol[name][0][0])
            if figures.chain is not None:
                found += listed_chains(
                    figures.chain, name, figures.dvol[name], paths[name], (*times, figures.end), self._rng
                )
        return found
