"""Liquidations by price: sums stay whole, the price stands in its place, the model is marked and wears away."""

from __future__ import annotations

from itertools import pairwise
from math import isclose

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.api import DAY, HOUR, MINUTE, Drill, Frame, events
from deskmon.components.liquidation_levels import ESTIMATE_STEP, bucket_edge, liquidation_estimate, remaining_estimate
from deskmon.model import Model
from deskmon.plugins import load_panel
from deskmon.testing import NOW, model_of, render

BTC = "BTC/USDT:USDT"
START = NOW // ESTIMATE_STEP * ESTIMATE_STEP


def make(**options):
    panel = load_panel("liquidation_map")
    return panel(msgspec.convert(options, panel.Options))


def frame(model, width=78, height=20, symbol="BTC", now=NOW):
    return Frame(model, now, width, height, symbol, True)


def tick(price, ago=0, symbol=BTC):
    return events.Ticker(ts=NOW - ago, venue="bybit", symbol=symbol, last=price)


def closed(usd, price, side="long", *, ago=HOUR, venue="bybit", symbol=BTC):
    return events.Liquidation(
        ts=NOW - ago, venue=venue, symbol=symbol, side=side, price=price, amount=usd / price, usd=usd
    )


def interest(coins, ago, venue="bybit"):
    return events.OpenInterest(ts=NOW - ago, venue=venue, symbol=BTC, amount=coins, usd=coins * 100)


def header():
    return events.Journal(version=1, source="recorded", ts=NOW - 2 * DAY, started=NOW - 2 * DAY)


def market(*more):
    return model_of(sorted([header(), tick(100.0, 3 * HOUR), tick(100.0), *more], key=lambda event: event.ts))


def opened(*more):
    """An hour ago 30 coins were opened at 100."""
    return market(interest(10.0, 2 * HOUR), interest(40.0, HOUR), *more)


def rows(model, width=78, height=20, panel=None, **known):
    drawn = (panel or make()).draw(frame(model, width, height, **known))
    return ["".join(text for text, _ in line).strip("▸▐ ").split() for line in drawn]


def test_executed_liquidations_stand_at_their_price_longs_left_shorts_right():
    model = market(closed(4e6, 98.0), closed(1e6, 97.9), closed(2e6, 102.0, "short"), closed(9e9, 98.0, ago=DAY))
    lines = rows(model)
    low = next(line for line in lines if "5.00M" in line)
    high = next(line for line in lines if "2.00M" in line)
    assert low[0] == "5.00M" and set(low[1]) == {"█"} and len(low) == 3
    assert high[-1] == "2.00M" and set(high[1]) <= set("█▉▊▋▌▍▎▏") and len(high) == 3
    line = next(n for n, words in enumerate(lines) if "100.00" in words)
    assert lines.index(high) < line < lines.index(low)
    assert float(lines[line - 1][0]) > 100 >= float(lines[line + 1][0])


def test_the_model_is_marked_as_an_estimate_and_known_without_liquidations():
    lines = rows(opened())
    expected = [line for line in lines if any(word.startswith("≈") for word in line)]
    assert [word for line in expected for word in line if word.startswith("≈")] == ["≈1.00K"] * 6
    assert all("▒" in line[-1] for line in expected)
    assert make().note(frame(opened())).endswith("model 25× 50× 100×")


def test_without_open_interest_the_model_is_unknown_not_nothing():
    assert "—" in next(line for line in rows(market(closed(1e6, 98.0))) if "100.00" in line)
    assert "—" not in next(line for line in rows(opened()) if "100.00" in line)


def test_the_leverage_and_its_weights_come_from_the_options():
    panel = make(leverage=[10.0, 20.0], weights=[3.0, 1.0])
    words = [word for line in rows(opened(), height=30, panel=panel) for word in line if word.startswith("≈")]
    assert sorted(words) == sorted(["≈750", "≈2.25K"] * 2)
    assert panel.note(frame(opened())).endswith("model 10× 20×")
    for wrong in ({"leverage": []}, {"leverage": [1.0]}, {"weights": [1.0]}, {"weights": [1.0, 0.0, 1.0]}):
        with pytest.raises(msgspec.ValidationError, match=r"leverage|weights"):
            make(**wrong)


def test_what_price_reaches_is_worn_away_at_once():
    panel, model = make(), opened()
    below = [line for line in rows(model, panel=panel) if any("≈" in word for word in line)]
    model.apply([tick(97.9)])
    left = [line for line in rows(model, panel=panel, now=NOW + 1) if any("≈" in word for word in line)]
    assert (len(below), len(left)) == (6, 4)
    assert min(float(line[0]) for line in left) < 97


def test_the_estimate_adds_up_over_venues_and_wears_from_its_last_step():
    model = opened(interest(5.0, 2 * HOUR, "okx"), interest(8.0, HOUR, "okx"))
    levels = liquidation_estimate(model, "BTC", START, {50.0: 1.0})
    longs, shorts = levels
    assert isclose(sum(longs.values()), 3_300.0) and isclose(sum(shorts.values()), 3_300.0)
    assert remaining_estimate(levels, model, "BTC", START, NOW) == levels
    model.apply([tick(103.0)])
    assert remaining_estimate(levels, model, "BTC", START, NOW) == (longs, {})
    assert liquidation_estimate(model, "ETH", START, {50.0: 1.0}) is None


def value(word):
    units = {"K": 1e3, "M": 1e6, "B": 1e9}
    word = word.lstrip("≥≈")
    return float(word[:-1]) * units[word[-1]] if word[-1] in units else float(word)


@given(
    st.lists(st.tuples(st.sampled_from([1e6, 2e6, 5e6]), st.floats(60, 160), st.sampled_from(["long", "short"])),
             min_size=1, max_size=20),
    st.integers(5, 60), st.integers(0, 4),
)  # fmt: skip
def test_every_dollar_is_in_some_row_at_any_height_and_size(orders, height, presses):
    panel, model = make(), market(*(closed(usd, price, side) for usd, price, side in orders))
    for _ in range(presses):
        panel.on_action("liquidation_map.bucket", frame(model, height=height))
    made = list(panel.rows(frame(model, height=height)))
    for side in ("long", "short"):
        shown = sum(value(row.cells[side][0]) for row in made if row.cells.get(side, ("",))[0])
        total = sum(usd for usd, _, each in orders if each == side)
        assert isclose(shown, total, rel_tol=0.01, abs_tol=1.0)
    assert len(made) <= max(4, height - 1)


def test_rows_lead_to_their_orders_and_the_line_to_the_asset():
    model = market(closed(4e6, 98.0), closed(2e6, 102.0, "short"), closed(1e6, 50.0))
    panel = make()
    seen = {}
    for _ in range(30):
        intent = panel.on_action("enter", frame(model))
        seen[intent.label] = intent
        panel.on_action("down", frame(model))
    assert seen["BTC"] == Drill("symbol", {"symbol": "BTC"}, "BTC")
    below = seen["below"]
    assert set(below.options) == {"asset", "window", "high"} and below.options["high"] > 50
    spans = sorted((d.options["low"], d.options["high"]) for d in seen.values() if "low" in d.options)
    assert all(isclose(high, low) for (_, high), (low, _) in pairwise(spans))
    (order,) = [d for d in seen.values() if d.options.get("low", 1e9) <= 98.0 < d.options.get("high", 0)]
    page = load_panel("orders")
    lines = render(page(msgspec.convert(order.options, page.Options)), model)
    assert lines[1].split()[:2] == ["listed", "4.00M"]
    assert panel.on_action("liquidation_map.page", frame(model)) == seen["BTC"]


def test_the_height_of_a_row_can_be_chosen_and_is_said():
    panel, model = make(), market(closed(4e6, 90.0), closed(2e6, 110.0, "short"))
    sizes = []
    for _ in range(6):
        rows(model, panel=panel)
        sizes.append(panel.note(frame(model)).split(" · ")[0])
        panel.on_action("liquidation_map.bucket", frame(model))
    assert sizes == ["rows of 2%", "rows of 0.1%", "rows of 0.2%", "rows of 0.5%", "rows of 1%", "rows of 2%"]


def test_it_follows_the_linked_asset_unless_it_names_one():
    model = market(closed(1e6, 10.0, symbol="ETH/USDT:USDT"), tick(10.0, symbol="ETH/USDT:USDT"))
    assert make().heading(frame(model, symbol="ETH")) == "ETH liquidation map"
    assert any("1.00M" in line for line in rows(model, symbol="ETH"))
    assert not any("1.00M" in line for line in rows(model, symbol="ETH", panel=make(asset="BTC")))


def test_what_is_unknown_is_said():
    assert "no price and no liquidation of BTC yet; no feed listening" in render(make(), Model())[-1]
    young = model_of([events.Journal(version=1, source="recorded", started=NOW - HOUR), tick(100.0)])
    assert make().note(frame(young)).startswith("since 13:32")
    unpriced = model_of([header(), closed(1e6, 98.0), closed(2e6, 99.0)])
    assert len(rows(unpriced)) > 1 and not any("─" in word for line in rows(unpriced) for word in line)


def test_a_sampled_venue_makes_lower_bounds():
    model = market(closed(4e6, 98.0, venue="binance"))
    assert any("≥4.00M" in line for line in rows(model))


def test_edges_of_the_grid_do_not_break_the_map():
    model = model_of([header(), tick(5e-324), closed(1e6, 9e17), closed(1e-9, 1e-20)])
    assert len(rows(model)) > 1 and bucket_edge(0) == 1.0


def test_the_estimate_is_made_anew_with_each_step_only(monkeypatch):
    made = []
    module = load_panel("liquidation_map").__init__.__globals__
    monkeypatch.setitem(module, "liquidation_estimate", lambda model, asset, until, mix: made.append(until) or ({}, {}))
    panel, model = make(), opened()
    for now in (START, START + MINUTE, START + ESTIMATE_STEP, START + ESTIMATE_STEP + MINUTE):
        panel.draw(frame(model, now=now))
    assert made == [START, START + ESTIMATE_STEP]
