"""Funding and open interest of the simulated market."""

from __future__ import annotations

from deskmon.events import Funding, OpenInterest
from deskmon.feedkit import HOUR
from deskmon.feeds.demo.simulator.step import NAMES, SYMBOLS, Step, Wheel
from deskmon.feeds.demo.simulator.world import PAIRS, VENUES

EVERY = 5.0
"""Seconds between two reports of a pair at pace 1."""
CAP = 0.003


def rate_8h(crowd: float, venue: int) -> float:
    """The 8-hour rate of a venue when the balance of positions asks for `crowd`."""
    return max(-CAP, min(CAP, crowd + VENUES[venue].funding_bias))


def next_funding(ts: int, hours: int) -> int:
    """The next time (ms) after `ts` at which a venue with intervals of `hours` settles."""
    return ts - ts % (hours * HOUR) + hours * HOUR


class Carry:
    """Every pair's predicted funding and open interest, in turn, and what is settled on the hour."""

    def __init__(self, pace: int) -> None:
        self._every = EVERY * pace
        self._wheel = Wheel(len(PAIRS))

    def emit(self, step: Step) -> None:
        """Add the funding and open interest of a step."""
        for pair, share in self._wheel.turns(len(PAIRS) * step.length / 1000 / self._every):
            self._report(step, pair, step.start + int(share * step.length))
        if step.start % HOUR < step.length:
            self._settle(step)

    def all(self, step: Step) -> None:
        """Add a report of every pair: the first that a desk hears."""
        for pair in range(len(PAIRS)):
            self._report(step, pair, step.start)

    def _report(self, step: Step, number: int, ts: int) -> None:
        pair = PAIRS[number]
        state, hours = step.market.states[pair.asset], VENUES[pair.venue].funding_hours
        name, symbol, recv = NAMES[pair.venue], SYMBOLS[pair.asset], step.arrival(pair.venue, ts)
        step.market.regrow(number, self._every)
        coins = round(step.market.interest[number] * (1 + step.rng.gauss(0, 4e-5)), 3)
        rate = round(rate_8h(state.crowd, pair.venue) * hours / 8, 8)
        step.out += (
            OpenInterest(ts=ts, recv=recv, venue=name, symbol=symbol, amount=coins, usd=round(coins * state.price, 2)),
            Funding(
                ts=ts,
                recv=recv,
                venue=name,
                symbol=symbol,
                rate=rate,
                interval_hours=hours,
                next_ts=next_funding(ts, hours),
            ),
        )

    def _settle(self, step: Step) -> None:
        hour = step.start - step.start % HOUR
        for pair in PAIRS:
            venue = VENUES[pair.venue]
            if hour % (venue.funding_hours * HOUR) == 0:
                rate = rate_8h(step.market.states[pair.asset].crowd, pair.venue) * venue.funding_hours / 8
                step.out.append(
                    Funding(
                        ts=hour,
                        recv=step.arrival(pair.venue, hour),
                        venue=venue.name,
                        symbol=SYMBOLS[pair.asset],
                        rate=round(rate, 8),
                        interval_hours=venue.funding_hours,
                        next_ts=next_funding(hour, venue.funding_hours),
                        kind="settled",
                    )
                )
