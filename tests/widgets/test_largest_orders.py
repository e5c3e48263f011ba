"""The largest orders stand on their pages when the tape has let them go."""

from __future__ import annotations

from deskmon.api import SECOND, events, fmt
from deskmon.testing import NOW, render
from tests.widgets.test_wave_panels import ETH, frame, make, two_waves


def test_the_orders_of_a_wave_are_held_when_they_have_left_the_tape():
    late = [
        events.Liquidation(ts=NOW - SECOND, venue="okx", symbol=ETH, side="short", price=1.0, amount=1.0, usd=1.0)
        for _ in range(2_100)
    ]
    model = two_waves()
    page, before = make("wave", wave=1), render(make("wave", wave=1), model, width=100, height=40)
    model.apply(late)
    assert [line for line in render(page, model, width=100, height=40) if "liq" in line] == [
        line for line in before if "liq" in line
    ]
    (wave,) = (wave for wave in model.waves.figures(NOW) if wave.id == 1)
    behind = make("orders", venue="bybit", since=wave.start, until=wave.end or NOW)
    largest = max(
        (order for order in model.waves.orders(1, NOW) if order.venue == "bybit"), key=lambda order: order.usd
    )
    assert fmt.amount(largest.usd) in next(line for line in render(behind, model, width=78) if "liq" in line)
    for _ in range(10):
        page.on_action("down", frame(model, height=40))
    intent = page.on_action("enter", frame(model, height=40))
    assert intent.panel == "order"
    assert "no such order" not in "".join(render(make("order", **intent.options), model))
