"""Orders that were closed by force, the tape, and the page of one order: what they show, and where their keys lead."""

from __future__ import annotations

from deskmon.api import DAY, HOUR, MINUTE, SECOND, Drill, events
from deskmon.model import Model
from deskmon.testing import NOW, model_of, render
from tests.markets import sample
from tests.widgets.making import ETH, find, frame, header, liquidation, make, words

FULL = sample("full")


# orders


def order_market():
    return model_of([
        header(), liquidation(1e6, ago=HOUR), liquidation(2e6, "short", ago=3 * HOUR, price=120.0),
        liquidation(4e6, ago=5 * HOUR, symbol=ETH), liquidation(8e6, ago=MINUTE, venue="okx"),
    ])  # fmt: skip


def test_orders_are_those_of_the_cell_with_all_that_was_counted():
    page, model = make("orders", venue="bybit", asset="BTC"), order_market()
    assert page.heading(frame(model)) == "BTC liquidations on bybit" and page.note(frame(model)) == "full · 24h"
    lines = render(page, model, width=78)
    assert find(lines, "counted")[1:] == ["3.00M", "1.00M", "2.00M", "33.3%", "2"]
    assert not any("listed" in line for line in lines)
    assert [words(line)[5] for line in lines if "liq" in line] == ["1.00M", "2.00M"]
    page.on_action("window", frame(model))
    page.on_action("left", frame(model))
    page.on_action("left", frame(model))
    page.on_action("left", frame(model))
    page.on_action("left", frame(model))
    lines = render(page, model, width=78)
    assert page.note(frame(model)).endswith("1h")
    assert find(lines, "counted")[1:] == ["0", "0", "0", "—", "0"] and "no such liquidation" in lines[-1]


def test_of_one_side_or_a_stretch_the_orders_that_are_listed_are_counted():
    model = order_market()
    page = make("orders", asset="BTC")
    page.on_action("orders.side", frame(model))
    lines = render(page, model, width=78)
    assert words(lines[1]) == ["counted", "≥9.00M", "≥9.00M", "—", "100.0%", "—"]
    assert words(lines[2]) == ["listed", "9.00M", "9.00M", "0", "100.0%", "2"]
    assert "longs alone" in page.note(frame(model))
    page.on_action("orders.size", frame(model))
    assert page.heading(frame(model)) == "BTC long liquidations" and "from 10.0K" in page.note(frame(model))
    page.on_action("orders.side", frame(model))
    lines = render(page, model, width=78)
    assert words(lines[1])[0] == "counted" and words(lines[1])[4] == words(lines[2])[4] == "0.0%"
    lines = render(make("orders", asset="BTC", low=110.0, high=130.0), model, width=78)
    assert words(lines[1])[:2] == ["listed", "2.00M"]
    page = make("orders", since=NOW - 4 * HOUR, until=NOW - HOUR)
    assert words(render(page, model, width=78)[1])[1] == "3.00M"
    assert page.note(frame(model)) == "10:32:07–13:32:07"


def test_what_the_tape_let_go_is_still_counted_and_its_largest_are_listed():
    big = liquidation(7e6, ago=DAY - SECOND, venue="okx")
    page, model = make("orders"), model_of([header(), big, *(liquidation(1e6, ago=HOUR - n) for n in range(2_100))])
    lines = render(page, model, width=78)
    assert find(lines, "counted")[-1] == "2.10K" and words(lines[2])[:2] == ["listed", "2.01B"]
    assert page.note(frame(model)).endswith("all since 13:32:07, the largest before")
    page = make("orders", venue="okx", asset="BTC")
    intent = page.on_action("enter", frame(model))
    assert intent.panel == "order" and "7,000,000.00" in "".join(render(make("order", **intent.options), model))


def test_orders_lead_to_the_order_and_to_the_page_of_what_they_are_of():
    model = order_market()
    page = make("orders", venue="bybit", asset="ETH")
    assert page.on_action("orders.page", frame(model)) == Drill("symbol", {"symbol": "ETH"}, "ETH")
    assert make("orders", venue="okx").on_action("orders.page", frame(model)) == Drill("venue", {"venue": "okx"}, "okx")
    assert make("orders").on_action("orders.page", frame(model)) is None
    intent = page.on_action("enter", frame(model))
    assert (intent.panel, intent.label) == ("order", "ETH 09:32:07")
    assert "no liquidation has been heard yet" in render(make("orders"), Model())[-1]


# tape


def tape():
    trade = events.Trade(ts=NOW - 2 * SECOND, venue="okx", symbol=ETH, price=2_000.0, amount=100.0, side="sell")
    return model_of(
        [liquidation(6e6, ago=3 * SECOND), trade, liquidation(5_000.0, "short", ago=SECOND, venue="binance")]
    )


def test_the_tape_is_newest_first_in_words_and_heat():
    panel = make("tape")
    lines = render(panel, tape(), width=78)
    assert [words(line)[:5] for line in lines[1:]] == [
        ["14:32:06", "binance", "BTC", "liq", "short"],
        ["14:32:05", "okx", "ETH", "sell", "200K"],
        ["14:32:04", "bybit", "BTC", "liq", "long"],
    ]
    rows = panel.draw(frame(tape()))[1:]
    hot = [{text.strip(): style.split()[0] for text, style in row if style.startswith("heat")} for row in rows]
    assert [row for row in hot if row] == [
        {"BTC": "heat1", "5.00K": "heat1", "100.00": "heat1"},
        {"ETH": "heat2", "200K": "heat2", "2,000.00": "heat2"},
        {"BTC": "heat5", "6.00M": "heat5", "100.00": "heat5"},
    ]


def test_the_tape_hides_kinds_and_sizes_on_request():
    panel, model = make("tape"), tape()
    panel.on_action("tape.kind", frame(model))
    assert len(render(panel, model)) == 3 and panel.note(frame(model)) == "liquidations"
    panel.on_action("tape.size", frame(model))
    assert len(render(panel, model)) == 2 and panel.note(frame(model)) == "liquidations · from 10.0K"
    panel.on_action("tape.kind", frame(model))
    assert words(render(panel, model)[1])[2] == "ETH"
    assert "no liquidations or big trades yet" in render(make("tape"), Model())[1]


def test_the_tape_is_filtered_by_venue_asset_and_side():
    panel, model = make("tape"), tape()
    for text, count in (("okx", 1), ("BTC", 2), ("liq btc", 2), ("short", 1), ("kraken", 0)):
        panel.on_action(f"filter:{text}", frame(model))
        lines = render(panel, model)
        assert len(lines) - 1 == max(1, count)
    assert "nothing matches “kraken”" in lines[1]


def test_an_order_is_shown_whole_with_its_neighbours_even_after_it_left_the_tape():
    entry = liquidation(3e6, ago=20 * SECOND, price=84_700.25, id="x1", recv=NOW - 20 * SECOND + 41)
    other = liquidation(1e6, "short", ago=8 * SECOND, venue="okx")
    late = liquidation(1e6, ago=NOW % MINUTE + 55 * SECOND)
    model = model_of([late, liquidation(9e6, symbol=ETH, ago=NOW % MINUTE + SECOND), entry, other])
    panel, list_ = make("tape"), frame(model)
    panel.on_action("filter:bybit btc", list_)
    drill = panel.on_action("enter", list_)
    assert isinstance(drill, Drill) and drill.panel == "order"
    page = make("order", **drill.options)
    shown = {" ".join(words(line)[:-1]): words(line)[-1] for line in render(page, model) if words(line)}
    assert shown["price"] == "84,700.25" and shown["usd"] == "3,000,000.00" and shown["delay 41"] == "ms"
    neighbours = [line for line in render(page, model) if "liq" in line and "14:" in line]
    assert [words(line)[1] for line in neighbours] == ["okx"]
    assert page.heading(frame(model)) == "BTC liq long on bybit"
    model.clear()
    assert "84,700.25" in " ".join(render(page, model))
    assert "no such order" in render(make("order", order="gone"), Model())[0]


def test_an_order_knows_its_share_of_its_minute():
    start = NOW - NOW % MINUTE
    ago = NOW - start
    model = model_of(
        [liquidation(1e6, ago=ago), liquidation(3e6, ago=ago, venue="okx"), liquidation(4e6, symbol=ETH, ago=ago),
         liquidation(9e6, ago=ago + SECOND)]
    )  # fmt: skip
    panel = make("tape")
    panel.on_action("filter:bybit", frame(model))
    panel.on_action("sort", frame(model))
    key = next(row.key for row in panel.rows(frame(model)) if "/1000000" not in row.key and row.sort["usd"] == 1e6)
    lines = render(make("order", order=key), model)
    assert find(lines, "share")[-1] == "25.0%"
    assert [words(line)[-1] for line in lines if words(line)[:1] == ["share"]] == ["25.0%", "12.5%"]


def test_on_the_tape_what_is_older_than_a_day_has_its_day():
    model, panel = model_of([liquidation(1e6)]), make("tape")
    assert words(render(panel, model)[1])[0] == "14:32:07"
    assert words(render(panel, model, now=NOW + DAY)[1])[:2] == ["21", "Nov"]
