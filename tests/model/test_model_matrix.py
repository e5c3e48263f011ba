"""Liquidations by venue and asset at once equal a count by hand, and add up to the window's other sums."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import WINDOWS
from deskmon.model import Model
from tests.model.markets import arrives, liquidations, moments


def of_hand(events, window, now):
    """(venue, asset) → [long, short, count], in whole micro-dollars."""
    seen, cells = set(), {}
    for event in events:
        item = (event.venue, event.id)
        if event.id is not None and item in seen:
            continue
        seen.add(item)
        if now - WINDOWS[window] < event.ts <= now:
            cell = cells.setdefault((event.venue, event.symbol.partition("/")[0]), [0, 0, 0])
            cell[event.side == "short"] += round(event.usd * 1e6)
            cell[2] += 1
    return cells


@given(st.lists(arrives(liquidations), max_size=40), st.sampled_from(list(WINDOWS)), moments)
def test_every_cell_equals_a_count_by_hand(events, window, now):
    model = Model()
    model.apply(events)
    matrix = model.liquidations.matrix(window, now)
    expected = of_hand(events, window, now)
    assert {cell: (sums.long_usd, sums.short_usd, sums.count) for cell, sums in matrix.items()} == {
        cell: (long / 1e6, short / 1e6, count) for cell, (long, short, count) in expected.items()
    }
    some = model.liquidations.matrix(window, now, ("bybit", "htx"), ("BTC",))
    assert some == {cell: sums for cell, sums in matrix.items() if cell[0] in ("bybit", "htx") and cell[1] == "BTC"}
    assert set(model.liquidations.of_venue("bybit", window, now)) == {
        asset for venue, asset in matrix if venue == "bybit"
    }
