"""Waves of a reconstruction, as a detector that hears its liquidations finds them."""

from __future__ import annotations

from deskmon.clock import SECOND
from deskmon.events import Liquidation
from deskmon.model import Model


def assert_waves_are_found_and_no_others(market, made):
    """Each of the waves that the market was `made` of within thirty seconds."""
    timeline, model = market.timeline, Model()
    model.apply([timeline.header])
    orders = [event for event in market.events if type(event) is Liquidation]
    taken = 0
    for wave in made:
        late = next(n for n in range(taken, len(orders)) if orders[n].ts > wave.onset + 30 * SECOND)
        model.apply(orders[taken:late])
        taken = late
        current = model.waves.current(wave.onset + 30 * SECOND)
        assert current is not None and current.state == "building"
        assert abs(current.start - wave.onset) < 20 * SECOND
    model.apply(orders[taken:])
    found = [wave for wave in model.waves.figures(timeline.end) if wave.start >= timeline.start]
    assert len(found) == len(made)
    whole = sum(order.usd for order in orders if order.ts >= timeline.start)
    assert sum(wave.usd for wave in found) > 0.75 * whole
