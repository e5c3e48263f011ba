"""Long runs in a short form: what is held is bounded, memory is flat, and a burst costs a frame what a trickle does."""

from __future__ import annotations

import sys
from copy import deepcopy
from functools import cache

import pytest

from benchmarks import burst, soak
from deskmon import plugins
from deskmon.clock import DAY, HOUR, MINUTE, SECOND
from deskmon.config.loading import load
from deskmon.events import Checkpoint, Event
from deskmon.model import Model
from deskmon.model.liquidations import CAPACITY, IDS
from deskmon.transport.wire import pack_events
from tests.length import length

PARTS = ("liquidations", "price_buckets", "trades", "waves")
"""Parts of the model that fold liquidations."""


@pytest.mark.soak
def test_what_a_week_of_liquidations_takes_is_flat_and_every_bound_is_kept():
    """One a second instead of two hundred, over ten symbols, more than are held at full resolution all the same; in the
    short form a twentieth of either."""
    share, model, sizes, count = length(20, 1), Model(), [], 0
    model.liquidations._capacity = capacity = CAPACITY // share
    model.clear()
    marks = tuple(days * DAY for days in range(4, 8))
    for row in soak.soak(model, 7 * DAY, 1.0 / share, marks, soak.SYMBOLS[:10], only_liquidations=True):
        count = row.count
        parts = {event.part: event for event in model.snapshot() if isinstance(event, Checkpoint)}
        sizes.append(sum(len(pack_events([parts[name]])) for name in PARTS))
    assert count == 604_800 // share > capacity
    assert len(model.liquidations.rows) <= capacity
    held = model.liquidations._ids.checkpoint().values()
    assert max(map(len, held)) <= IDS * 5 // 4
    assert len(model.tape.liquidations.events) <= 2_000
    assert model.rejected == 0
    # Rows are between three quarters of the capacity and all of it: that alone is a third.
    assert max(sizes) < length(1.4, 1.25) * min(sizes), "neither the last days nor the ones before take more"
    window = model.state(soak.START + 7 * DAY).liquidations.windows["24h"]
    assert window.count == pytest.approx(86_400 // share, rel=0.001)


@pytest.mark.soak
def test_what_the_rest_of_a_market_takes_is_bounded_by_what_its_windows_look_back_on():
    """Ten days of tickers, open interest and funding of 48 markets, in the short form 24, each spoken of every eight
    minutes."""
    model, sizes, symbols = Model(), [], soak.SYMBOLS[: length(3, 6)]
    flow = soak.Flow(symbols=symbols)
    for now in range(soak.START + MINUTE, soak.START + 10 * DAY + 1, MINUTE):
        model.apply(flow.minute(now))
        if (now - soak.START) % DAY == 0:
            parts = {event.part: event for event in model.snapshot() if isinstance(event, Checkpoint)}
            sizes.append(
                {name: len(pack_events([parts[name]])) for name in ("prices", "funding", "open_interest", "candles")}
            )
    assert model.rejected == 0
    _, second, *_, eighth, _, tenth = sizes
    for name in ("prices", "funding"):
        assert tenth[name] < 1.05 * eighth[name], "a week is all that is looked back on"
    assert sum(tenth.values()) < 2 * sum(second.values()), "what is held to the minute is a day's"
    for _, venues in model.prices._quotes.items():
        assert all(len(track.minutes) <= 1 + (DAY + 2 * HOUR + HOUR) // (8 * MINUTE) for _, track in venues.values())
    leads = [market for market in model.candles._markets.values() if len(market.frames[0]) > 10]
    assert len(leads) == len(symbols), "prices make candles on one venue of a symbol"


@cache
def busy_market() -> tuple[list[Event], soak.Flow]:
    """The events that make a model of an hour of forty symbols, and the flow that goes on from there."""
    model = Model()
    flow = burst.market(model, soak.SYMBOLS[:40])
    return model.snapshot(), flow


def calls_of_frames(panel: str | None, count: int) -> int:
    """Function calls in the frames of a second in which `count` liquidations come: a cost without a clock."""
    config = load(None).config
    known, flow = deepcopy(busy_market())
    model = Model()
    model.apply(known)
    desk = burst.desk_of(model, config if panel is None else burst.alone(config, panel), plugins.load_panel)
    made = 0

    def tally(frame, event, argument):
        nonlocal made
        made += event in ("call", "c_call")

    frame = desk.frame

    def counted(now):
        sys.setprofile(tally)
        try:
            frame(now)
        finally:
            sys.setprofile(None)

    desk.frame = counted
    for now in burst.frames(desk, model, flow, count):
        if now >= burst.START + burst.BEFORE + 3 * SECOND:
            break
    assert not any(host.broken for host in desk.page.hosts)
    return made


@pytest.mark.soak
@pytest.mark.parametrize("panel", [None, "waves", "liquidation_map", "orders"])
def test_a_burst_of_ten_thousand_costs_a_frame_hardly_more_than_a_hundred(panel):
    assert calls_of_frames(panel, 10_000) < 2 * calls_of_frames(panel, 100)


@pytest.mark.soak
def test_of_a_burst_every_liquidation_is_counted_and_no_panel_fails():
    model = Model()
    flow = burst.market(model, soak.SYMBOLS[: length(60, 300)])
    before = model.state(burst.START + burst.BEFORE).liquidations.windows["4h"].count
    desk = burst.desk_of(model, load(None).config, plugins.load_panel)
    *_, last = burst.frames(desk, model, flow, burst.BURST)
    assert not any(host.broken for host in desk.page.hosts)
    count = model.state(last).liquidations.windows["4h"].count
    quiet = 5 * ((last - burst.START - burst.BEFORE) // burst.FRAME - SECOND // burst.FRAME)
    assert count - before == burst.BURST + quiet
    assert last - burst.START < 2 * HOUR
