"""What each panel shows of a market made by hand, and where its keys lead."""

from __future__ import annotations

import msgspec

from deskmon.api import DAY, HOUR, MINUTE, SECOND, Drill, Frame, Link, Model, events
from deskmon.plugins import load_panel
from deskmon.testing import NOW, model_of, render
from tests.markets import sample

BTC, ETH = "BTC/USDT:USDT", "ETH/USDT:USDT"
FULL = sample("full")


def make(name, **options):
    panel = load_panel(name)
    return panel(msgspec.convert(options, panel.Options))


def frame(model, width=100, height=30, symbol="BTC"):
    return Frame(model, NOW, width, height, symbol, True)


def ticker(last, *, ago=0, symbol=BTC, venue="binance", **more):
    return events.Ticker(ts=NOW - ago, venue=venue, symbol=symbol, last=last, **more)


def liquidation(usd, side="long", *, ago=0, symbol=BTC, venue="bybit", price=100.0, **more):
    return events.Liquidation(
        ts=NOW - ago, venue=venue, symbol=symbol, side=side, price=price, amount=usd / price, usd=usd, **more
    )


def header(ago=8 * DAY):
    return events.Journal(version=1, source="recorded", ts=NOW - ago, started=NOW - ago)


def words(line):
    return line.strip("▸▐ ").split()


def find(lines, first):
    return next(words(line) for line in lines if words(line)[:1] == [first])


# prices


def test_prices_show_last_changes_and_age_at_the_reference_venue():
    model = model_of(
        [
            ticker(100.0, ago=DAY),
            ticker(80.0, ago=HOUR),
            ticker(90.0, ago=3 * SECOND, high_24h=120.0),
            ticker(91.0, venue="okx"),
        ]
    )
    lines = render(make("prices"), model, width=100)
    row = find(lines, "BTC")
    assert row[1] == "90.0000"
    assert words(lines[0])[:6] == ["symbol", "last", "1h", "24h", "7d", "vs"]
    assert row[2:6] == ["+12.50%", "−10.00%", "—", "−25.0%"]
    assert row[-2:] == ["binance", "3s"]


def test_a_price_that_stopped_dims_and_says_how_old_it_is():
    panel, model = make("prices"), model_of([ticker(90.0, ago=11 * SECOND), ticker(9.0, symbol=ETH, ago=10 * SECOND)])
    btc, eth = panel.draw(frame(model, 24))[1:]
    assert "".join(text for text, _ in btc).split()[:3] == ["▸BTC", "11s", "90.0000"]
    assert {style.split()[0] for text, style in btc[1:] if text.strip()} == {"stale"}
    assert "stale" not in " ".join(style for _, style in eth)
    assert panel.oldest(frame(model, 24)) == 10 * SECOND


def test_prices_follow_the_order_asked_for_and_admit_what_is_missing():
    model = model_of([ticker(9.0, symbol=ETH), ticker(90.0)])
    lines = render(make("prices", symbols=["ETH", "SOL", BTC]), model)
    assert [words(line)[0] for line in lines[1:]] == ["ETH", "SOL", "BTC"]
    assert find(lines, "SOL")[1:3] == ["—", "—"] and "no price" in lines[2]
    assert "waiting for the first price" in render(make("prices"), Model())[1]


def test_prices_lead_to_the_asset_and_link_it():
    panel, model = make("prices"), model_of([ticker(9.0, symbol=ETH), ticker(90.0)])
    panel.act("down", frame(model))
    assert panel.act("enter", frame(model)) == Drill("symbol", {"symbol": "ETH"}, "ETH")
    assert panel.act("prices.follow", frame(model)) == Link("ETH")


def test_of_several_contracts_the_linear_perpetual_stands_for_the_asset():
    model = model_of([ticker(1.0, symbol="BTC/USDT"), ticker(2.0, symbol="BTC/USD:BTC"), ticker(3.0)])
    assert [words(line)[:2] for line in render(make("prices"), model)[1:]] == [["BTC", "3.0000"]]


# liquidations: the published figures of 2025-11-21

PUBLISHED = {
    "bybit": (595.43, 33.68), "hyperliquid": (620.80, 8.02), "binance": (228.86, 53.42), "htx": (146.18, 5.93),
    "okx": (114.16, 24.49),
}  # fmt: skip


def published():
    orders = [
        liquidation(usd * 1e6, side, venue=venue, ago=2 * HOUR)
        for venue, sums in PUBLISHED.items()
        for side, usd in zip(("long", "short"), sums, strict=True)
    ]
    return model_of([header(), *orders])


def test_liquidations_by_venue_read_as_published():
    lines = render(make("liquidations"), published(), width=78, height=20)
    assert find(lines, "all")[1:6] == ["≥1.83B", "≥1.71B", "≥125.54M", "93.1%", "100.0%"]
    assert find(lines, "bybit")[1:6] == ["629.11M", "595.43M", "33.68M", "94.6%", "34.4%"]
    assert find(lines, "hyperliquid")[1:6] == ["628.82M", "620.80M", "8.02M", "98.7%", "34.3%"]
    assert find(lines, "binance")[1:6] == ["≥282.28M", "≥228.86M", "≥53.42M", "81.1%", "15.4%"]
    assert find(lines, "htx")[1:6] == ["152.11M", "146.18M", "5.93M", "96.1%", "8.3%"]
    assert find(lines, "okx")[1:6] == ["≥138.65M", "≥114.16M", "≥24.49M", "82.3%", "7.6%"]
    assert find(lines, "BTC")[1:6] == ["≥1.83B", "≥1.71B", "≥125.54M", "93.1%", "100.0%"]
    shown = [words(line)[0] for line in lines if words(line)]
    assert shown[shown.index("all") :][:6] == ["all", "bybit", "hyperliquid", "binance", "htx", "okx"]


def test_liquidations_count_by_window_and_the_window_can_be_changed():
    panel, model = make("liquidations"), published()
    lines = render(panel, model, width=78)
    assert words(lines[0]) == ["5m", "15m", "1h", "4h", "12h", "▾24h", "7d"]
    assert find(lines, "total")[1:] == ["0", "0", "0", "≥1.83B", "≥1.83B", "≥1.83B", "≥1.83B"]
    assert panel.note(frame(model)) == "24h · ≥ 2 of 5 venues sampled"
    panel.act("window", frame(model))
    assert words(render(panel, model, width=78)[0])[-1] == "▾7d"
    panel.act("right", frame(model))
    assert words(render(panel, model, width=78)[0])[0] == "▾5m"
    panel.act("left", frame(model))
    panel.act("left", frame(model))
    assert panel.note(frame(model)).startswith("24h")


def test_a_desk_that_listens_for_less_than_a_window_says_since_when():
    model = model_of([header(ago=2 * HOUR), liquidation(1e6)])
    lines = render(make("liquidations"), model, width=78)
    assert find(lines, "since")[1:] == ["12:32"] * 4
    assert "since" not in " ".join(render(make("liquidations"), published(), width=78))


def test_a_quiet_window_names_who_is_listening():
    status = events.FeedStatus(
        ts=NOW, feed="by", venue="bybit", state="live", detail="", channels={"liquidations": "live"}
    )
    other = events.FeedStatus(ts=NOW, feed="cb", venue="coinbase", state="live", detail="", channels={"ticker": "live"})
    lines = render(
        make("liquidations", window="1h"), model_of([header(), status, other, liquidation(1.0, ago=2 * HOUR)])
    )
    assert lines[-1].strip() == "no liquidations in 1h; bybit listening"


def test_before_anyone_listens_nothing_is_claimed():
    assert words(render(make("liquidations"), model_of([header()]))[0]) == [
        "waiting",
        "for",
        "liquidations;",
        "no",
        "feed",
        "listening",
    ]


def test_venues_and_assets_stand_under_each_other():
    for width in range(30, 120):
        lines = render(make("liquidations"), FULL, width=width, height=40)
        venue, asset = (next(line for line in lines if line.startswith(f" {name} 24h")) for name in ("venue", "asset"))
        assert asset.replace("asset", "venue").rstrip() == venue.replace("coverage", "").rstrip()


def test_liquidations_lead_to_their_orders_and_to_the_pages_of_venue_and_asset():
    panel, model = make("liquidations"), published()
    render(panel, model, width=100, height=30)
    assert panel.act("enter", frame(model)) == Drill("orders", {"window": "24h", "venue": "bybit"}, "bybit")
    assert panel.act("liquidations.page", frame(model)) == Drill("venue", {"venue": "bybit"}, "bybit")
    for _ in range(5):
        panel.act("down", frame(model))
    assert panel.act("enter", frame(model)) == Drill("orders", {"window": "24h", "asset": "BTC"}, "BTC")
    assert panel.act("liquidations.page", frame(model)) == Drill("symbol", {"symbol": "BTC"}, "BTC")


def test_the_heat_map_shows_venues_by_asset_and_leads_to_the_orders_of_a_cell():
    model = model_of([header(), liquidation(6e6), liquidation(1e6, symbol=ETH), liquidation(2e6, venue="okx")])
    panel = make("liquidations")
    panel.act("liquidations.view", frame(model))
    lines = render(panel, model, width=78, height=20)
    assert words(lines[-3])[-3:] == ["▾all", "BTC", "ETH"]
    assert words(lines[-2]) == ["●", "bybit", "7.00M", "6.00M", "1.00M"]
    assert words(lines[-1]) == ["◐", "okx", "≥2.00M", "≥2.00M", "·"]
    styles = {text.strip(): style for text, style in panel.draw(frame(model, 78))[-2]}
    assert styles["6.00M"].startswith("heat5") and styles["1.00M"].startswith("heat3")
    assert panel.act("enter", frame(model)) == Drill("orders", {"window": "24h", "venue": "bybit"}, "bybit")
    for _ in range(2):
        panel.act("right", frame(model))
    assert "▾ETH" in render(panel, model, width=78, height=20)[-3]
    cell = Drill("orders", {"window": "24h", "venue": "bybit", "asset": "ETH"}, "bybit ETH")
    assert panel.act("enter", frame(model)) == cell
    assert panel.act("enter", frame(model, width=20)).options == {"window": "24h", "venue": "bybit"}
    panel.act("right", frame(model))
    assert "▾all" in render(panel, model, width=78, height=20)[-3]


def test_a_heat_map_of_many_assets_keeps_the_rest_together():
    orders = [liquidation(n * 1e6, symbol=f"A{n}/USDT:USDT") for n in range(1, 21)]
    panel, model = make("liquidations"), model_of([header(), *orders])
    panel.act("liquidations.view", frame(model))
    row = words(render(panel, model, width=200, height=20)[-1])
    assert row[:4] == ["●", "bybit", "210M", "20.0M"] and row[-1] == "15.0M"
    panel.act("left", frame(model, width=200))
    assert panel.act("enter", frame(model, width=200)).options["asset"] == "A6"


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
    assert not any("tape" in line for line in lines)
    assert [words(line)[5] for line in lines if "liq" in line] == ["1.00M", "2.00M"]
    page.act("window", frame(model))
    page.act("left", frame(model))
    page.act("left", frame(model))
    page.act("left", frame(model))
    page.act("left", frame(model))
    lines = render(page, model, width=78)
    assert page.note(frame(model)).endswith("1h")
    assert find(lines, "counted")[1:] == ["0", "0", "0", "—", "0"] and "goes back to 09:32" in lines[-1]


def test_orders_of_one_side_or_a_stretch_are_counted_on_the_tape():
    model = order_market()
    page = make("orders", asset="BTC")
    page.act("orders.side", frame(model))
    lines = render(page, model, width=78)
    assert words(lines[1]) == ["on", "the", "tape", "9.00M", "9.00M", "0", "100.0%", "2"]
    page.act("orders.size", frame(model))
    assert page.heading(frame(model)) == "BTC long liquidations" and "from 10.0K" in page.note(frame(model))
    lines = render(make("orders", asset="BTC", low=110.0, high=130.0), model, width=78)
    assert words(lines[1])[:4] == ["on", "the", "tape", "2.00M"]
    page = make("orders", since=NOW - 4 * HOUR, until=NOW - HOUR)
    assert words(render(page, model, width=78)[1])[3] == "3.00M"
    assert page.note(frame(model)) == "10:32:07–13:32:07"


def test_what_the_tape_let_go_is_still_counted():
    orders = [liquidation(1e6, ago=DAY - n * SECOND) for n in range(1, 2_101)]
    lines = render(make("orders"), model_of([header(), *orders]), width=78)
    assert find(lines, "counted")[-1] == "2.10K"
    assert words(lines[2])[:4] + words(lines[2])[-1:] == ["on", "the", "tape", "2.00B", "2.00K"]


def test_orders_lead_to_the_order_and_to_the_page_of_what_they_are_of():
    model = order_market()
    page = make("orders", venue="bybit", asset="ETH")
    assert page.act("orders.page", frame(model)) == Drill("symbol", {"symbol": "ETH"}, "ETH")
    assert make("orders", venue="okx").act("orders.page", frame(model)) == Drill("venue", {"venue": "okx"}, "okx")
    assert make("orders").act("orders.page", frame(model)) is None
    intent = page.act("enter", frame(model))
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
    styles = [style for line in panel.draw(frame(tape()))[1:] for _, style in line if style.startswith("heat")]
    assert [style.split()[0] for style in styles] == ["heat1", "heat2", "heat5"]


def test_the_tape_hides_kinds_and_sizes_on_request():
    panel, model = make("tape"), tape()
    panel.act("tape.kind", frame(model))
    assert len(render(panel, model)) == 3 and panel.note(frame(model)) == "liquidations"
    panel.act("tape.size", frame(model))
    assert len(render(panel, model)) == 2 and panel.note(frame(model)) == "liquidations · from 10.0K"
    panel.act("tape.kind", frame(model))
    assert words(render(panel, model)[1])[2] == "ETH"
    assert "no liquidations or big trades yet" in render(make("tape"), Model())[1]


def test_the_tape_is_filtered_by_venue_asset_and_side():
    panel, model = make("tape"), tape()
    for text, count in (("okx", 1), ("BTC", 2), ("liq btc", 2), ("short", 1), ("kraken", 0)):
        panel.act(f"filter:{text}", frame(model))
        lines = render(panel, model)
        assert len(lines) - 1 == max(1, count)
    assert "nothing matches “kraken”" in lines[1]


def test_an_order_is_shown_whole_with_its_neighbours_even_after_it_left_the_tape():
    entry = liquidation(3e6, ago=20 * SECOND, price=84_700.25, id="x1", recv=NOW - 20 * SECOND + 41)
    other = liquidation(1e6, "short", ago=8 * SECOND, venue="okx")
    late = liquidation(1e6, ago=NOW % MINUTE + 55 * SECOND)
    model = model_of([late, liquidation(9e6, symbol=ETH, ago=NOW % MINUTE + SECOND), entry, other])
    panel, list_ = make("tape"), frame(model)
    panel.act("filter:bybit btc", list_)
    drill = panel.act("enter", list_)
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
    panel.act("filter:bybit", frame(model))
    panel.act("sort", frame(model))
    key = next(row.key for row in panel.rows(frame(model)) if "/1000000" not in row.key and row.sort["usd"] == 1e6)
    lines = render(make("order", order=key), model)
    assert find(lines, "share")[-1] == "25.0%"
    assert [words(line)[-1] for line in lines if words(line)[:1] == ["share"]] == ["25.0%", "12.5%"]


def test_on_the_tape_what_is_older_than_a_day_has_its_day():
    model, panel = model_of([liquidation(1e6)]), make("tape")
    assert words(render(panel, model)[1])[0] == "14:32:07"
    assert words(render(panel, model, now=NOW + DAY)[1])[:2] == ["21", "Nov"]


# feeds


def test_feeds_say_how_they_are_in_words_and_marks():
    lines = render(make("feeds"), FULL, width=150)
    assert find(lines, "okx")[1:4] == ["◐", "stale", "41s"] and "no trade for 41 s" in lines[-1]
    assert find(lines, "bybit")[1:4] == ["●", "live", "0s"]
    assert "12" in find(lines, "binance")
    assert make("feeds").note(frame(FULL)) == "4 of 5 live · 1 gap"
    panel = make("feeds")
    render(panel, FULL)
    assert panel.act("enter", frame(FULL)) == Drill("venue", {"venue": "binance"}, "binance")
    assert "no feed has reported yet" in render(make("feeds"), Model())[1]


def test_when_a_feed_is_in_trouble_its_words_come_before_counters():
    def status(state, detail):
        return events.FeedStatus(ts=NOW, feed="bybit", venue="bybit", state=state, detail=detail)

    fine = render(make("feeds"), model_of([status("live", "7 channels")]), width=57)
    assert words(fine[0])[-2:] == ["ms", "dropped"]
    trouble = render(make("feeds"), model_of([status("down", "HTTP 451, blocked here")]), width=57)
    assert trouble[1].rstrip().endswith("HTTP 451, blocked here")


# pages


def test_the_symbol_page_follows_the_linked_asset_unless_it_names_one():
    assert make("symbol").heading(frame(FULL, symbol="ETH")) == "ETH linked"
    assert make("symbol", symbol="SOL/USDT:USDT").heading(frame(FULL)) == "SOL"


def test_the_symbol_page_shows_funding_and_interest_by_venue_with_their_mean_and_sum():
    symbol = BTC
    model = model_of(
        [
            ticker(100.0, venue="bybit"),
            events.Funding(ts=NOW, venue="bybit", symbol=symbol, rate=0.0001, interval_hours=8, next_ts=NOW + 2 * HOUR),
            events.Funding(ts=NOW, venue="okx", symbol=symbol, rate=-0.0001, interval_hours=4),
            events.OpenInterest(ts=NOW - DAY, venue="bybit", symbol=symbol, amount=4e6, usd=4e8),
            events.OpenInterest(ts=NOW, venue="bybit", symbol=symbol, amount=3e6, usd=3e8),
            events.OpenInterest(ts=NOW - 11 * MINUTE, venue="okx", symbol=symbol, amount=1e6, usd=1e8),
            events.Book(
                ts=NOW, venue="bybit", symbol=symbol, bids=((99.95, 10.0), (90.0, 1.0)), asks=((100.05, 20.0),)
            ),
        ]
    )
    page = make("symbol")
    lines = render(page, model, width=120)
    assert find(lines, "bybit")[1:9] == ["USDT", "perp", "100.00", "+0.0100%", "+10.9%", "2h", "300M", "−25.0%"]
    assert find(lines, "okx")[3:5] == ["—", "−0.0200%"]
    assert find(lines, "all")[1:] == ["+0.0025%", "+2.7%", "400M"]
    assert words(lines[-1]) == [
        "bybit",
        "≥1.00K",
        "≥2.00K",
        "≥1.00K",
        "≥2.00K",
        "≥1.00K",
        "≥2.00K",
        "≥1.00K",
        "≥2.00K",
        "—",
        "10.00",
        "100.00",
        "0s",
    ]
    okx = next(line for line in page.draw(frame(model, 120)) if "okx" in "".join(text for text, _ in line))
    assert [style for text, style in okx if text.strip() == "100M"] == ["stale"]


def test_the_venue_page_counts_its_own_liquidations_only():
    model = model_of(
        [
            header(),
            ticker(100.0, venue="bybit"),
            liquidation(2e6),
            liquidation(1e6, symbol=ETH),
            liquidation(5e6, venue="okx"),
        ]
    )
    lines = render(make("venue", venue="bybit"), model, width=100)
    assert find(lines, "total")[1:] == ["3.00M"] * 7
    assert [words(line)[:2] for line in lines if words(line)[:1] in (["BTC"], ["ETH"])][:2] == [
        ["BTC", "2.00M"],
        ["ETH", "1.00M"],
    ]
    page = make("venue", venue="bybit")
    render(page, model, width=100)
    assert page.act("enter", frame(model)) == Drill("symbol", {"symbol": "BTC"}, "BTC")
