"""Funding, open interest, depth and basis as panels: units beside each other, unknown as unknown, pages behind them."""

from __future__ import annotations

import json
import os
import re
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from deskmon.api import DAY, HOUR, MINUTE, Drill, Frame, LinkSymbol, events
from deskmon.components.carry import expiry_of
from deskmon.components.charts import line_chart
from deskmon.plugins import load_panel
from deskmon.testing import NOW, model_of, render
from tests.markets import sample

RECORDED = Path(os.environ.get("DESKMON_RECORDED", Path(__file__).parents[3] / "shared" / "data")) / "funding"
BTC, ETH = "BTC/USDT:USDT", "ETH/USDT:USDT"


def make(name, **options):
    panel = load_panel(name)
    return panel(msgspec.convert(options, panel.Options))


def frame(model, width=160, height=30, symbol="BTC"):
    return Frame(model, NOW, width, height, symbol, True)


def words(line):
    return line.strip("▸▐ ").split()


def table(panel, model, width=160, height=40):
    """By first word of a row, the upper where two have it: what follows it."""
    lines = render(panel, model, width=width, height=height)
    return {words(line)[0]: words(line)[1:] for line in reversed(lines) if words(line)}


def funding(rate, hours=8, venue="binance", symbol=BTC, ago=0, **more):
    return events.Funding(ts=NOW - ago, venue=venue, symbol=symbol, rate=rate, interval_hours=hours, **more)


def interest(usd, venue="binance", symbol=BTC, ago=0, amount=1.0):
    return events.OpenInterest(ts=NOW - ago, venue=venue, symbol=symbol, amount=amount, usd=usd)


THREE = [
    funding(0.0001, 8, "binance", next_ts=NOW + 3 * HOUR), interest(5e9, "binance"),
    funding(0.0001, 4, "bybit", next_ts=NOW + HOUR), interest(3e9, "bybit"),
    funding(-0.0000125, 1, "hyperliquid", "BTC/USDC:USDC"), interest(2e9, "hyperliquid", "BTC/USDC:USDC"),
]  # fmt: skip


def test_venues_of_1_4_and_8_hours_compare_in_every_unit_and_weigh_by_open_interest():
    panel, model = make("funding"), model_of(THREE)
    assert table(panel, model)["BTC"][:5] == ["+0.0100%", "+0.0200%", "−0.0100%", "+0.0090%", "0.0300%"]
    assert "hyperliquid – bybit" in " ".join(table(panel, model)["BTC"])
    panel.on_action("funding.unit", frame(model))
    assert table(panel, model)["BTC"][:5] == ["+10.9%", "+21.9%", "−10.9%", "+9.9%", "32.9%"]
    panel.on_action("funding.unit", frame(model))
    assert table(panel, model)["BTC"][:4] == ["+0.0100%/8h", "+0.0100%/4h", "−0.0013%/1h", "+0.0090%"]


def test_predicted_settled_and_realised_are_views_of_their_own():
    week = [funding(-0.0002, 8, ago=step * 8 * HOUR, kind="settled") for step in range(21)]
    panel, model = make("funding"), model_of([funding(0.0001, next_ts=NOW + HOUR), *week])
    shown = {}
    for _ in range(5):
        shown[panel.note(frame(model)).partition(" · ")[0]] = table(panel, model)["BTC"][0]
        panel.on_action("funding.view", frame(model))
    assert shown == {
        "predicted": "+0.0100%", "settled": "−0.0200%", "7 d realised": "−0.0200%", "streak": "−21",
        "time to the next": "1h",
    }  # fmt: skip
    own = make("funding", unit="rate", view="7 d")
    assert table(own, model)["BTC"][0] == "−0.4200%"
    assert "−21" in table(make("funding"), model)["BTC"]


def test_a_market_that_only_settled_shows_what_it_settled():
    model = model_of([funding(-0.0002, 8, ago=step * 8 * HOUR + HOUR, kind="settled") for step in range(21)])
    panel = make("funding")
    assert table(panel, model)["BTC"][0] == "−0.0200%" and panel.note(frame(model)).startswith("settled")
    assert panel.options_now().view == "predicted"
    panel.on_action("funding.view", frame(model))
    assert panel.note(frame(model)).startswith("7 d realised")
    assert table(make("funding", view="settled"), model)["BTC"][:1] == ["−0.0200%"]
    assert table(make("funding", view="7 d"), model)["BTC"][:1] == ["−0.0200%"]
    assert "−0.0200%" in render(make("history", series="funding", symbol=BTC), model)[0]
    fresh, old = (
        make("funding", view="settled").draw(Frame(model, NOW + ago, 160, 30, "BTC", True))[1]
        for ago in (10 * HOUR, 12 * HOUR)
    )
    assert not any("stale" in style for _, style in fresh) and any("stale" in style for _, style in old)
    assert "—" in table(make("venue", venue="binance"), model)["BTC"]


def test_a_capitalisation_older_than_a_day_stands_beside_the_ratio_with_its_age():
    def ratio(ago):
        cap = events.Metric(ts=NOW - ago, name="market_cap_btc", value=1e12)
        return table(make("open_interest"), model_of([interest(24e9), cap]), width=220)["BTC"]

    assert "2.40%" in ratio(DAY) and "7d" not in ratio(DAY)
    assert ratio(7 * DAY)[ratio(7 * DAY).index("2.40%") + 1] == "7d"


def test_a_sum_with_an_old_report_shows_how_old():
    model = model_of([interest(1e9), interest(1e9, "bybit", ago=2 * HOUR), interest(1e9, "okx", ago=4 * DAY)])
    assert table(make("open_interest"), model, width=220)["BTC"][-1] == "2h"


def test_premium_and_basis_are_as_old_as_the_older_of_their_prices():
    quarter = "BTC/USD:BTC-260626"

    def quote(symbol, ago, **more):
        return events.Ticker(ts=NOW - ago, venue="binance", symbol=symbol, last=100.0, **more)

    model = model_of(
        [quote(BTC, 9 * HOUR, index=100.0), quote(BTC, 0, mark=101.0), quote("BTC/USD", HOUR), quote(quarter, 0)]
    )
    lines = make("basis").draw(frame(model))
    perpetual = next(line for line in lines if any("1.0000%" in text for text, _ in line))
    assert any("stale" in style for _, style in perpetual)
    row = next(line for line in render(make("basis"), model, width=160) if "spot" in line and "binance" in line)
    assert words(row)[-1] == "1h"


def test_what_a_view_does_not_know_is_unknown():
    panel, model = make("funding", view="settled"), model_of([funding(0.0001)])
    assert table(panel, model)["BTC"][:2] == ["—", "—"]


@pytest.mark.parametrize(("rate", "word", "style"), [
    (0.0000499, "neutral", "muted"), (-0.0000499, "neutral", "muted"), (0.00005, "longs pay", "up"),
    (-0.00005, "shorts pay", "down"),
])  # fmt: skip
def test_neutral_is_quiet_and_said(rate, word, style):
    panel, model = make("funding"), model_of([funding(rate), interest(1e9)])
    row = panel.draw(frame(model))[1]
    assert any(word in text for text, _ in row)
    assert next(words for text, words in row if "%" in text).split()[0] == style


def test_enter_charts_the_chosen_cell():
    panel, model = make("funding"), model_of(THREE)
    render(panel, model)
    assert panel.on_action("enter", frame(model)).options == {"series": "funding", "symbol": BTC, "venue": "binance"}
    panel.on_action("left", frame(model))
    intent = panel.on_action("enter", frame(model))
    assert intent == Drill(
        "history", {"series": "funding", "symbol": "BTC/USDC:USDC", "venue": "hyperliquid"}, "BTC hyperliquid"
    )
    page = make(intent.panel, **intent.options)
    assert "−0.0100%" in render(page, model)[0] and page.note(frame(model)).startswith("predicted")


def snapshots():
    paths = sorted(RECORDED.glob("cross_venue_snapshots_*.jsonl"))
    if not paths:
        pytest.skip("recorded snapshots are not beside this checkout")
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def test_recorded_snapshots_of_many_venues_render_and_no_null_becomes_0():
    """Each is a market of its own: what wasn't told stands as a blank or —, and 0 only where 0 was told."""
    rows = snapshots()
    assert sum(rate is None for row in rows for venues in row["coins"].values() for rate in venues.values()) > 100
    for row in rows[::6]:
        at = int(datetime.fromisoformat(row["lastUpdated"]).timestamp() * 1000)
        told = [
            funding(rate, 8, venue, f"{coin}/USDT:USDT", ago=NOW - at)
            for coin, venues in row["coins"].items() for venue, rate in venues.items() if rate is not None
        ]  # fmt: skip
        model = model_of(told)
        panel = make("funding")
        for view in range(2):
            lines = ["".join(text for text, _ in line) for line in panel.draw(Frame(model, at, 300, 200))]
            labels = [label.strip("▾") for label in words(lines[0])]
            shown = {words(line)[0]: line for line in lines[1:]}
            for coin, venues in row["coins"].items():
                known = {venue: rate for venue, rate in venues.items() if rate is not None}
                assert (coin in shown) == bool(known)
                cells = re.findall(r"[+−]?\d+\.\d{4}%|—", shown.get(coin, ""))
                zeros = sum(f"{abs(rate) * 100:.4f}" == "0.0000" for rate in known.values())
                if view == 0:
                    spread = 1 if len(known) > 1 else 0
                    assert sum("%" in cell for cell in cells) == len(known) + spread, coin
                    assert sum(cell == "0.0000%" for cell in cells) >= zeros
                    assert sum(cell == "0.0000%" for cell in cells[: len(known)]) == zeros
                else:
                    assert not any("%" in cell for cell in cells)
            assert set(labels) >= {event.venue for event in told}
            panel.on_action("funding.view", frame(model))


def test_open_interest_falls_from_its_peak_with_a_date():
    model = model_of(
        [interest(60.4e9, ago=44 * DAY), interest(30e9, symbol=ETH, ago=44 * DAY), interest(42.4e9, amount=5e5),
         interest(20e9, symbol=ETH), events.Metric(ts=NOW, name="total_market_cap", value=3.12e12)]
    )  # fmt: skip
    rows = table(make("open_interest"), model, width=200)
    assert rows["all"][0] == "62.4B"
    assert rows["all"][-5:-2] == ["−31.0%", "90.4B", "2025-10-08"] and "2.00%" in rows["all"]
    assert rows["BTC"][:1] == ["42.4B"] and "500K" in rows["BTC"] and "—" in rows["BTC"]


def test_open_interest_drills_to_the_chart_and_follows():
    panel, model = make("open_interest"), sample("full")
    render(panel, model, width=120)
    assert panel.on_action("enter", frame(model)).options == {"series": "open_interest", "symbol": "BTC", "venue": ""}
    panel.on_action("down", frame(model))
    assert panel.on_action("open_interest.follow", frame(model)) == LinkSymbol("ETH")
    panel.on_action("bottom", frame(model))
    intent = panel.on_action("enter", frame(model))
    assert intent.options == {"series": "open_interest", "symbol": "BTC/USDC:USDC", "venue": "deribit"}
    page = make(intent.panel, **intent.options)
    assert "from" in render(page, model, width=120)[0]
    assert render(make("history", series="open_interest", symbol="all"), model)[0].startswith("12.4B")


def book(venue="bybit", ago=0, bids=((99.9, 20_000.0), (90.0, 1.0)), asks=((100.1, 30_000.0), (110.0, 1.0))):
    return events.Book(ts=NOW - ago, venue=venue, symbol=BTC, bids=bids, asks=asks)


def test_books_that_are_not_live_say_so_and_stay_out_of_the_sums():
    model = model_of(
        [book(), book("okx", ago=31_000), book("htx", bids=((200.0, 9.0), (90.0, 1.0))), book("gate", asks=())]
    )
    panel = make("depth")
    lines = render(panel, model, width=160)
    assert "1 of 4 books live" in panel.note(frame(model))
    live, total = (next(words(line) for line in lines if words(line)[:1] == [name]) for name in ("bybit", "all"))
    assert total[1] == "2.00M" and live[3] == "2.00M"
    by_venue = {name: next(line for line in lines if words(line)[:1] == [name]) for name in ("okx", "htx", "gate")}
    assert "stale" in by_venue["okx"] and "crossed" in by_venue["htx"] and "one side" in by_venue["gate"]
    styles = {
        text.strip(): style for line in panel.draw(frame(model)) for text, style in line if text.strip() in by_venue
    }
    assert {style.split()[0] for style in styles.values()} == {"stale"}
    assert "from mid" in panel.note(frame(model))


def test_slippage_of_orders_and_unknown_where_the_book_ends():
    lines = render(make("depth"), model_of([book()]), width=160)
    costs = [words(line) for line in lines if words(line)[:1] == ["bybit"]][1]
    assert costs[3:] == ["10.0", "10.0", "—", "—", "—", "—"]


def test_depth_opens_the_ladder_with_its_walls():
    levels = tuple((100.0 - n / 10, 500.0 if n == 4 else 10.0) for n in range(1, 8))
    model = model_of([book(bids=levels)])
    panel = make("depth")
    render(panel, model)
    intent = panel.on_action("enter", frame(model))
    assert intent == Drill("ladder", {"symbol": BTC, "venue": "bybit"}, "BTC bybit")
    lines = render(make(intent.panel, **intent.options), model, width=100)
    assert "◆ bid wall 49.8K at 99.6000" in lines[1]
    assert sum("◆" in line for line in lines[2:]) == 1
    assert "52.8K" in next(line for line in lines[2:] if "◆" in line)


def ticker(symbol, last, venue="deribit", **more):
    return events.Ticker(ts=NOW, venue=venue, symbol=symbol, last=last, **more)


def test_basis_of_perpetuals_and_dated_futures():
    model = model_of(
        [ticker(BTC, 100.0, mark=100.05, index=100.0), ticker("BTC/USD:BTC-260327", 102.0, index=100.0),
         ticker("BTC/USDT", 100.0, "okx"), ticker("BTC/USDT:USDT-260327", 999.0, "okx", mark=101.0),
         ticker("BTC/USDT:USDT-260328", 103.0, "gate"), ticker("BTC/USD:BTC-251121", 100.0, index=99.0),
         ticker("BTC/USD:BTC-251122", 100.5, index=100.0)]
    )  # fmt: skip
    lines = render(make("basis"), model, width=160)
    assert words(lines[1])[:2] == ["BTC", "+0.0500%"]
    days = (expiry_of("BTC/USD:BTC-260327") - NOW) / DAY
    futures = {(words(line)[1], words(line)[2]): words(line)[3:] for line in lines[4:]}
    assert futures["2026-03-27", "deribit"][:3] == [f"{days:.1f}", f"+{2 * 365 / days:.2f}%", "+2.00%"]
    assert (
        futures["2026-03-27", "okx"][1:3] == [f"+{365 / days:.2f}%", "+1.00%"]
        and "spot" in futures["2026-03-27", "okx"]
    )
    assert futures["2026-03-28", "gate"][1:3] == ["—", "—"]
    assert futures["2025-11-22", "deribit"][1] == "—"
    assert ("2025-11-21", "deribit") not in futures  # expired at 08:00


@pytest.mark.parametrize(
    "symbol", ["BTC/USDT", BTC, "BTC/USD:BTC-210924-8000-P", "BTC/USD:BTC-999999", "BTC/USD:BTC-٢٦٠٣٢٧"]
)
def test_only_dated_futures_expire(symbol):
    assert expiry_of(symbol) is None


def dots(lines):
    return [sum(char > "⠀" for char in text) for line in lines for text, style in line if style == "accent"]


def test_a_chart_holds_a_value_and_breaks_where_nothing_was_heard():
    points = [(NOW - 100 * MINUTE, 1.0), (NOW - 50 * MINUTE, 3.0)]

    def chart(hold):
        return line_chart(points, (NOW - 100 * MINUTE, NOW), (42, 6), str, hold_ms=hold)

    assert sum(dots(chart(HOUR))) > 2 * sum(dots(chart(10 * MINUTE))) > 0
    lines = ["".join(text for text, _ in line) for line in chart(HOUR)]
    assert lines[0].startswith("3.0 ") and lines[4].startswith("1.0 ") and len(lines) == 6
    assert lines[5].split() == ["21", "Nov", "12:52", "21", "Nov", "14:32"]


def test_a_chart_shows_extremes_however_many_values_share_a_column():
    points = [(NOW - DAY + n * MINUTE, 100.0 if n == 700 else float(n % 2)) for n in range(1, 1_440)]
    lines = line_chart(points, (NOW - DAY, NOW), (30, 8), str, hold_ms=HOUR)
    assert dots(lines[:1]) and lines[0][0][0].startswith("100.0")


def test_zero_stands_where_values_lie_on_both_sides_of_it():
    both = line_chart([(NOW - 9, -1.0), (NOW - 1, 1.0)], (NOW - 10, NOW), (30, 8), str, hold_ms=HOUR)
    above = line_chart([(NOW - 9, 2.0), (NOW - 1, 1.0)], (NOW - 10, NOW), (30, 8), str, hold_ms=HOUR)
    assert sum("─" in text for line in both for text, _ in line) >= 1
    assert not any("─" in text for line in above for text, _ in line)


def test_until_usual_depth_is_known_its_row_says_when_it_will_be():
    def shown(*minutes, width=100):
        model = model_of([book("okx", ago * MINUTE) for ago in sorted(minutes, reverse=True)])
        return next(line.strip("▐ ") for line in render(make("depth"), model, width=width) if "usual" in line)

    assert shown(0).startswith("usual in 1h")
    assert shown(25, 12, 0).startswith("usual in 35m")
    known = shown(*range(0, 80, 10))
    assert known.startswith("× usual depth") and "1.00×" in known
    assert shown(25, 12, 0, width=36).startswith("usual")
