"""What each panel shows of a market made by hand, and where its keys lead."""

from __future__ import annotations

from deskmon.api import DAY, HOUR, MINUTE, SECOND, Drill, LinkSymbol, events
from deskmon.model import Model
from deskmon.testing import NOW, model_of, render
from tests.markets import sample
from tests.widgets.making import BTC, ETH, find, frame, header, liquidation, make, ticker, words

FULL = sample("full")


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
    panel.on_action("down", frame(model))
    assert panel.on_action("enter", frame(model)) == Drill("symbol", {"symbol": "ETH"}, "ETH")
    assert panel.on_action("prices.follow", frame(model)) == LinkSymbol("ETH")


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
    assert find(lines, "hyperliquid")[1:6] == ["≥628.82M", "≥620.80M", "≥8.02M", "98.7%", "34.3%"]
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
    panel.on_action("window", frame(model))
    assert words(render(panel, model, width=78)[0])[-1] == "▾7d"
    panel.on_action("right", frame(model))
    assert words(render(panel, model, width=78)[0])[0] == "▾5m"
    panel.on_action("left", frame(model))
    panel.on_action("left", frame(model))
    assert panel.note(frame(model)).startswith("24h")


def test_a_desk_that_listens_for_less_than_a_window_says_since_when():
    model = model_of([header(ago=2 * HOUR), liquidation(1e6)])
    lines = render(make("liquidations"), model, width=78)
    assert find(lines, "from")[1:] == ["12:32"] * 4
    assert "from" not in " ".join(render(make("liquidations"), published(), width=78))


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


def feed_says(state, ago=0, **more):
    return events.FeedStatus(ts=NOW - ago, feed="bybit", venue="bybit", state=state, detail="no route", **more)


def test_zero_is_said_only_where_somebody_listened_and_else_the_reason_why_nobody_does():
    deaf = model_of([header(), feed_says("reconnecting", 5 * MINUTE)])
    assert deaf.state(NOW).liquidations.windows["1h"].usd is None
    assert "waiting for liquidations; no feed listening: no route" in render(make("liquidations"), deaf)[0]
    assert render(make("waves"), deaf)[0] == "— in 1h · no feed listening · no route"
    assert "no wave yet" in "".join(render(make("waves"), deaf))
    assert words(render(make("orders"), deaf)[1])[:3] == ["counted", "—", "—"]
    assert "nobody listens" in " ".join(render(make("venue", venue="bybit"), deaf))
    calm = model_of([header(), feed_says("live", 5 * MINUTE)])
    assert calm.state(NOW).liquidations.windows["1h"].count == 0
    assert "0 in 1h" in " ".join(render(make("waves"), calm)[:2])


def test_a_part_of_the_hub_that_is_live_does_not_listen_to_liquidations():
    model = model_of([header(), feed_says("live", service=True)])
    assert "no feed listening" in render(make("liquidations"), model)[0]


def test_venues_and_assets_stand_under_each_other():
    for width in range(30, 120):
        lines = render(make("liquidations"), FULL, width=width, height=40)
        venue, asset = (next(line for line in lines if line.startswith(f" {name} 24h")) for name in ("venue", "asset"))
        assert asset.replace("asset", "venue").rstrip() == venue.replace("coverage", "").rstrip()


def test_liquidations_lead_to_their_orders_and_to_the_pages_of_venue_and_asset():
    panel, model = make("liquidations"), published()
    render(panel, model, width=100, height=30)
    assert panel.on_action("enter", frame(model)) == Drill("orders", {"window": "24h", "venue": "bybit"}, "bybit")
    assert panel.on_action("liquidations.page", frame(model)) == Drill("venue", {"venue": "bybit"}, "bybit")
    for _ in range(5):
        panel.on_action("down", frame(model))
    assert panel.on_action("enter", frame(model)) == Drill("orders", {"window": "24h", "asset": "BTC"}, "BTC")
    assert panel.on_action("liquidations.page", frame(model)) == Drill("symbol", {"symbol": "BTC"}, "BTC")


def test_the_heat_map_shows_venues_by_asset_and_leads_to_the_orders_of_a_cell():
    model = model_of([header(), liquidation(6e6), liquidation(1e6, symbol=ETH), liquidation(2e6, venue="okx")])
    panel = make("liquidations")
    panel.on_action("liquidations.view", frame(model))
    lines = render(panel, model, width=78, height=20)
    assert words(lines[-3])[-3:] == ["▾all", "BTC", "ETH"]
    assert words(lines[-2]) == ["●", "bybit", "7.00M", "6.00M", "1.00M"]
    assert words(lines[-1]) == ["◐", "okx", "≥2.00M", "≥2.00M", "·"]
    styles = {text.strip(): style for text, style in panel.draw(frame(model, 78))[-2]}
    assert styles["6.00M"].startswith("heat5") and styles["1.00M"].startswith("heat3")
    assert panel.on_action("enter", frame(model)) == Drill("orders", {"window": "24h", "venue": "bybit"}, "bybit")
    for _ in range(2):
        panel.on_action("right", frame(model))
    assert "▾ETH" in render(panel, model, width=78, height=20)[-3]
    cell = Drill("orders", {"window": "24h", "venue": "bybit", "asset": "ETH"}, "bybit ETH")
    assert panel.on_action("enter", frame(model)) == cell
    assert panel.on_action("enter", frame(model, width=20)).options == {"window": "24h", "venue": "bybit"}
    panel.on_action("right", frame(model))
    assert "▾all" in render(panel, model, width=78, height=20)[-3]


def test_a_heat_map_of_many_assets_keeps_the_rest_together():
    orders = [liquidation(n * 1e6, symbol=f"A{n}/USDT:USDT") for n in range(1, 21)]
    panel, model = make("liquidations"), model_of([header(), *orders])
    panel.on_action("liquidations.view", frame(model))
    row = words(render(panel, model, width=200, height=20)[-1])
    assert row[:4] == ["●", "bybit", "210M", "20.0M"] and row[-1] == "15.0M"
    panel.on_action("left", frame(model, width=200))
    assert panel.on_action("enter", frame(model, width=200)).options["asset"] == "A6"


# feeds


def test_feeds_say_how_they_are_in_words_and_marks():
    lines = render(make("feeds"), FULL, width=150)
    assert find(lines, "okx")[1:4] == ["◐", "stale", "41s"] and "no trade for 41 s" in lines[-1]
    assert find(lines, "bybit")[1:4] == ["●", "live", "0s"]
    assert "12" in find(lines, "binance")
    assert make("feeds").note(frame(FULL)) == "4 of 5 live · 1 gap"
    panel = make("feeds")
    render(panel, FULL)
    assert panel.on_action("enter", frame(FULL)) == Drill("venue", {"venue": "binance"}, "binance")
    assert "no feed has reported yet" in render(make("feeds"), Model())[1]


def test_when_a_feed_is_in_trouble_its_words_come_before_counters():
    def status(state, detail):
        return events.FeedStatus(ts=NOW, feed="bybit", venue="bybit", state=state, detail=detail)

    fine = render(make("feeds"), model_of([status("live", "7 channels")]), width=57)
    assert words(fine[0])[-2:] == ["ms", "dropped"]
    trouble = render(make("feeds"), model_of([status("down", "HTTP 451, blocked here")]), width=57)
    assert trouble[1].rstrip().endswith("HTTP 451, blocked here")


def test_where_the_words_of_a_feed_in_trouble_have_no_room_its_rate_and_lag_are_shown():
    status = events.FeedStatus(ts=NOW, feed="bybit", venue="bybit", state="reconnecting", detail="x" * 60, lag_ms=41)
    header, row, *_ = render(make("feeds"), model_of([status]), width=52)
    assert words(header)[1:] == ["state", "age", "/s", "lag", "ms"]
    assert "reconnecting" in row and words(row)[-1] == "41"


def test_a_feed_that_has_blocked_its_process_is_marked_and_only_then_there_is_a_column():
    def status(blocked_ms):
        words = "held the hub's loop for 5.0 s at acme.py:12 in Acme.run" if blocked_ms else "all well"
        return events.FeedStatus(ts=NOW, feed="acme", state="live", detail=words, blocked_ms=blocked_ms)

    for calm in (None, 0.0):
        assert "blocked" not in render(make("feeds"), model_of([status(calm)]), width=150)[0]
    other = events.FeedStatus(ts=NOW, feed="okx", state="live", detail="")
    header, first, second, *_ = render(make("feeds"), model_of([status(5_012.0), other]), width=150)
    assert "blocked" in header
    assert "5,012" in first
    assert "held the hub's loop for 5.0 s" in first
    assert second[header.index("blocked") : header.index("blocked") + 7].strip() == "—"


def gap(feed, ago):
    until = NOW - ago
    return events.Gap(ts=until, feed=feed, venue=feed, channel="trades", since=until - 4_000, until=until, dropped=12)


def test_gaps_stand_with_the_feed_that_left_them_and_on_its_venues_page():
    live = [
        events.FeedStatus(ts=NOW, feed=name, venue=name, state="live", detail="", blocked_ms=9.0)
        for name in ("okx", "bybit")
    ]
    held = model_of([*live, *(gap("okx", ago * SECOND) for ago in range(9, 0, -1)), gap("hub", 0)])
    for width in (44, 80, 150):
        header, bybit, okx, *_ = render(make("feeds"), held, width=width)
        end = header.index("gaps") + 4
        assert (bybit[:end].split()[-1], okx[:end].split()[-1]) == ("0", "9"), width
    page = render(make("venue", venue="okx"), held, width=80)
    assert sum("okx missed trades for 4s, 12 events" in line for line in page) == 5
    assert "missed" not in " ".join(render(make("venue", venue="bybit"), held, width=80))


def test_gaps_that_no_feed_left_make_no_column():
    held = model_of([events.FeedStatus(ts=NOW, feed="okx", venue="okx", state="live", detail=""), gap("hub", 0)])
    assert "gaps" not in render(make("feeds"), held, width=150)[0]
    assert make("feeds").note(frame(held)) == "1 of 1 live · 1 gap"


def test_a_state_that_has_no_room_is_told_by_a_shorter_word():
    status = events.FeedStatus(ts=NOW, feed="okx", venue="okx", state="reconnecting", detail="x" * 60)
    wide, narrow = (render(make("feeds"), model_of([status]), width=width)[1] for width in (130, 100))
    assert "◐ reconnecting " in wide and "◐ reconn. " in narrow


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
    assert page.on_action("enter", frame(model)) == Drill("symbol", {"symbol": "BTC"}, "BTC")
