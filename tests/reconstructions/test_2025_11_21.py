"""The break of $85,000 as it was published: the table to the cent, six waves, the levels, the leverage that left."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from deskmon.clock import DAY, HOUR, MINUTE, ManualClock
from deskmon.events import (
    Book,
    Candle,
    EtfFlow,
    Funding,
    Liquidation,
    Metric,
    OpenInterest,
    Ticker,
    VolatilityIndex,
    decode_event,
    encode_event,
)
from deskmon.feeds.demo import DemoFeed
from deskmon.feeds.demo.reconstructions.day_2025_11_21 import FIGURES
from deskmon.model import Model
from deskmon.player import Player
from deskmon.plugins import load_panel
from deskmon.testing import render
from tests.reconstructions.found_waves import assert_waves_are_found_and_no_others
from tests.reconstructions.other_process import assert_another_process_makes

NAME = "2025-11-21"
BTC = "BTC/USDT:USDT"
MILLION = 1_000_000

PUBLISHED = {
    "bybit": (629.11, 595.43, 33.68), "hyperliquid": (628.82, 620.80, 8.02), "binance": (282.28, 228.86, 53.42),
    "htx": (152.11, 146.18, 5.93), "okx": (138.65, 114.16, 24.49),
}  # fmt: skip
"""Total, longs, shorts in USD millions, as CoinGlass had them."""
OTHERS = (169.23, 154.57, 14.66)
ALL = (2_000.20, 1_860.00, 140.20)
ASSETS = {"BTC": 1_010.00, "ETH": 422.87, "SOL": 100.84}


@pytest.fixture(scope="module")
def day(market):
    """The liquidations of the last 24 h."""
    return [event for event in market.events if type(event) is Liquidation and event.ts > market.now - DAY]


@pytest.fixture(scope="module")
def played(market):
    """Figures when playing begins, an hour later after a seek back, and at the end."""
    timeline, states = market.timeline, []
    model, player = Model(), Player(timeline, ManualClock(0))
    for moment in (timeline.start, timeline.start + 2 * HOUR, timeline.start + HOUR, timeline.end):
        for events in player.seek(moment):
            model.apply(events)
        if moment != timeline.start + 2 * HOUR:
            states.append(model.state(moment))
    return states


def sums(figure):
    return figure.usd, figure.long_usd, figure.short_usd


# What it is


def test_it_says_what_it_is_at_all_times(timeline, state):
    assert (timeline.mode, timeline.header.source) == ("demo", "reconstructed")
    assert (state.mode, state.source) == ("demo", "reconstructed")
    assert "CoinGlass" in timeline.header.note and "not recorded data" in timeline.header.note
    assert timeline.end - timeline.start == DAY


def test_every_process_makes_the_same_market(events):
    assert_another_process_makes(NAME, events)


def test_every_event_is_valid_in_order_and_within_the_timeline(timeline, events, model):
    assert all(before.arrival <= after.arrival for before, after in pairwise(events))
    assert events[-1].arrival == timeline.end
    assert all(decode_event(encode_event(event)) == event for event in events[::23])
    assert model.rejected == 0
    assert 10_000 < len(events) < 200_000
    ids = [(event.venue, event.id) for event in events if type(event) is Liquidation]
    assert len(ids) == len(set(ids))


def test_books_are_in_order_and_reach_beyond_two_percent(events):
    books = [event for event in events if type(event) is Book]
    for book in books:
        assert book.bids[0][0] < book.asks[0][0]
        assert book.bids[-1][0] < 0.98 * book.bids[0][0] and book.asks[-1][0] > 1.02 * book.asks[0][0]


def test_it_plays_from_the_beginning_of_the_day_a_minute_a_second():
    feed = DemoFeed("demo", DemoFeed.Options(name=NAME))
    timeline = feed.timeline()
    assert feed.begin(timeline) == timeline.end - DAY
    assert feed.speed() == 60.0
    assert DemoFeed("demo").speed() == 1.0
    assert "made to published figures" in DemoFeed.demos()[NAME]


def test_a_seek_back_and_forth_ends_where_playing_through_ends(played, state):
    _, back, end = played
    assert back.liquidations.windows["24h"].usd < 1_000 * MILLION
    assert end == state


def test_every_figure_is_there_when_playing_begins(played):
    state, *_ = played
    assert not any(window.warming_up for window in state.liquidations.windows.values())
    assert len(state.prices) == 12
    for price in state.prices.values():
        assert None not in price.change_pct.values()
        assert price.low_24h <= price.last <= price.high_24h
    for interest in state.open_interest.values():
        assert all(venue.change_24h_pct is not None for venue in interest.venues.values())
    assert {feed.state for feed in state.feeds.values()} == {"live"}
    assert state.depth.keys() == {"BTC/USDT:USDT", "ETH/USDT:USDT", "SOL/USDT:USDT"}


# Liquidations


def test_the_table_by_venue_and_side_to_the_cent(state):
    window = state.liquidations.windows["24h"]
    assert sums(window) == tuple(round(figure * MILLION, 2) for figure in ALL)
    assert {name: sums(venue) for name, venue in window.by_venue.items()} == {
        name: tuple(round(figure * MILLION, 2) for figure in figures)
        for name, figures in {**PUBLISHED, "others": OTHERS}.items()
    }


def test_the_published_totals_are_what_these_figures_round_to():
    total, longs, shorts = ALL
    assert (f"{total / 1000:.2f}", f"{longs / 1000:.2f}", f"{shorts:.1f}") == ("2.00", "1.86", "140.2")
    for column in range(3):
        named = sum(figures[column] for figures in PUBLISHED.values())
        assert round(named + OTHERS[column], 2) == ALL[column]
    for figures in (*PUBLISHED.values(), OTHERS, ALL):
        assert round(figures[1] + figures[2], 2) == figures[0]


def test_the_two_largest_venues_are_more_than_half(state):
    window = state.liquidations.windows["24h"]
    first, second, *_ = sorted(window.by_venue, key=lambda name: -window.by_venue[name].usd)
    assert (first, second) == ("bybit", "hyperliquid")
    assert window.by_venue[first].usd + window.by_venue[second].usd > window.usd / 2


def test_the_split_by_asset(state):
    window = state.liquidations.windows["24h"]
    for asset, millions in ASSETS.items():
        assert window.by_symbol[asset].usd == round(millions * MILLION, 2)
    rest = [figure.usd for asset, figure in window.by_symbol.items() if asset not in ASSETS]
    assert len(rest) == 9
    assert max(rest) < window.by_symbol["SOL"].usd, "each of the rest is modest beside the three"
    assert round(sum(rest) + sum(ASSETS.values()) * MILLION, 2) == round(window.usd, 2)


def test_sums_that_include_sampled_venues_stay_lower_bounds(state):
    window = state.liquidations.windows["24h"]
    assert window.lower_bound
    assert window.by_venue["bybit"].coverage == "full"


def test_what_the_command_prints_is_the_table(run):
    state = json.loads(run("state", "--demo", NAME, "--only", "liquidations").out)
    window = state["liquidations"]["windows"]["24h"]
    for name, figures in {**PUBLISHED, "others": OTHERS}.items():
        printed = (window["by_venue"][name][field] for field in ("usd", "long_usd", "short_usd"))
        assert tuple(printed) == tuple(round(figure * MILLION, 2) for figure in figures)
    assert (window["usd"], window["long_usd"], window["short_usd"]) == (2_000_200_000, 1_860_000_000, 140_200_000)


def test_the_panel_prints_the_table_in_its_precision(model, timeline):
    panel = load_panel("liquidations")
    lines = render(panel(panel.Options()), model, timeline.end, 160, 48)
    for name, figures in {**PUBLISHED, "others": OTHERS, "all": ALL}.items():
        line = next(line for line in lines if re.search(rf"(^|[▸▐ ]){name} .*[MB]", line))
        printed = re.findall(r"(\d+\.?\d*)([MB])\b", line)[:3]
        assert len(printed) == 3
        for (digits, unit), millions in zip(printed, figures, strict=True):
            decimals = len(digits.partition(".")[2])
            assert digits == f"{millions / (1 if unit == 'M' else 1000):.{decimals}f}"


def test_each_order_is_worth_its_amount_at_its_price(day):
    assert all(event.usd == pytest.approx(event.price * event.amount, abs=0.01) for event in day)
    assert max(event.usd for event in day) < 40 * MILLION


def bursts(day, floor=5 * MILLION, apart=15):
    """Runs of minutes with more than `floor`, less than `apart` minutes from each other: lists of minutes."""
    minutes = Counter()
    for event in day:
        minutes[event.ts // MINUTE] += event.usd
    runs = []
    for minute in sorted(minute for minute, usd in minutes.items() if usd > floor):
        if runs and minute - runs[-1][-1] <= apart:
            runs[-1].append(minute)
        else:
            runs.append([minute])
    return runs


def test_it_comes_in_six_waves_with_calm_between(day):
    runs = bursts(day)
    assert len(runs) == 6
    assert min(after[0] - before[-1] for before, after in pairwise(runs)) > 60
    inside = {minute for run in runs for minute in range(run[0] - 5, run[-1] + 30)}
    waves = [event for event in day if event.ts // MINUTE in inside]
    assert sum(event.usd for event in waves) > 0.85 * sum(event.usd for event in day)
    calm = Counter()
    for event in day:
        if event.ts // MINUTE not in inside:
            calm[event.ts // MINUTE] += event.usd
    assert max(calm.values()) < 2 * MILLION
    for run in runs:
        of_run = [event for event in day if run[0] <= event.ts // MINUTE <= run[-1]]
        total = sum(event.usd for event in of_run)
        assert 70 * MILLION < total < 700 * MILLION
        assert sum(event.usd for event in of_run if event.side == "long") > 0.9 * total


def test_bitcoin_leads_and_the_others_follow(day):
    """In each wave the dollar-weighted middle of BTC's liquidations comes before that of the smaller assets."""
    for run in bursts(day):
        middle = {}
        for lead in (True, False):
            chosen = [
                event
                for event in day
                if run[0] <= event.ts // MINUTE <= run[-1]
                and event.side == "long"
                and (event.symbol == BTC) is lead
                and (lead or not event.symbol.startswith(("ETH", "SOL")))
            ]
            middle[lead] = sum(event.ts * event.usd for event in chosen) / sum(event.usd for event in chosen)
        assert middle[True] < middle[False] + 30_000


def test_the_price_falls_in_the_waves(day, model, events):
    closes = {event.ts: event.last for event in events if type(event) is Ticker and event.symbol == BTC
              and event.venue == "binance"}  # fmt: skip
    for run in bursts(day):
        assert closes[(run[-1] + 1) * MINUTE] < 0.993 * closes[(run[0] - 1) * MINUTE]


# Prices and levels


def candles(events, timeline, frame):
    return [
        event
        for event in events
        if type(event) is Candle and event.symbol == BTC and event.timeframe == frame and event.ts > timeline.start
    ]


def test_the_path_goes_through_the_named_levels_to_its_low_and_back(events, timeline, state):
    hours = candles(events, timeline, "1h")
    assert [candle.open_time for candle in hours] == list(range(timeline.start, timeline.end, HOUR))
    closes = [candle.close for candle in hours]
    assert max(candle.high for candle in hours) > 92_000, "from within 90,000 to 94,000"
    low = min(range(24), key=lambda hour: hours[hour].low)
    assert hours[low].low == 81_600.0
    assert state.prices[BTC].low_24h == 81_600.0
    crossings = [next(hour for hour in range(24) if closes[hour] < level) for level in (91_000, 88_000, 85_000)]
    assert crossings == sorted(set(crossings)) and crossings[-1] < low
    retest = max(candle.high for candle in hours[crossings[-1] + 1 : low])
    assert retest == pytest.approx(85_000, rel=0.003), "the rebound to near 85,000"
    assert all(close < 85_000 for close in closes[crossings[-1] :]), "which isn't reclaimed"
    assert 84_000 < state.prices[BTC].last < 85_000


def test_candles_tickers_and_low_agree(events, timeline):
    lasts = defaultdict(list)
    for event in events:
        if type(event) is Ticker and event.symbol == BTC and event.venue == "binance":
            lasts[event.ts // (5 * MINUTE) * 5 * MINUTE].append(event.last)
    short = candles(events, timeline, "5m")
    assert len(short) == 288
    for candle in short:
        assert candle.low <= min(candle.open, candle.close) <= max(candle.open, candle.close) <= candle.high
        assert candle.low - 0.05 <= min(lasts[candle.open_time]) <= max(lasts[candle.open_time]) <= candle.high + 0.05


def test_the_others_fall_further_as_a_rule(state):
    changes = {symbol.partition("/")[0]: figure.change_pct["24h"] for symbol, figure in state.prices.items()}
    assert -9 < changes["BTC"] < -7
    assert changes["SOL"] < changes["ETH"] < changes["BTC"]
    assert all(-16 < change < -5 for change in changes.values())


# Leverage and what stands around it


def test_open_interest_is_far_off_its_october_high_and_fell_that_day(state):
    figure = state.open_interest[BTC]
    assert figure.peak_usd > 90e9
    assert figure.peak_ts // DAY * DAY == 1_759_795_200_000, "2025-10-07"
    assert -40 < figure.drawdown_pct < -30
    for symbol, interest in state.open_interest.items():
        assert interest.drawdown_pct < -30
        for venue in interest.venues.values():
            assert venue.change_24h_pct < venue.change_24h_amount_pct < 0, f"{symbol}: in coins as well"
    btc = figure.venues
    assert btc["hyperliquid"].change_24h_amount_pct < btc["bybit"].change_24h_amount_pct
    assert btc["bybit"].change_24h_amount_pct < btc["binance"].change_24h_amount_pct


def test_october_took_more_than_thirty_percent_within_hours(events):
    held, course = {}, []
    for event in events:
        if type(event) is OpenInterest and event.symbol == BTC:
            held[event.venue] = event.usd
            course.append((event.ts, sum(held.values())))
    crash = [usd for ts, usd in course if 1_760_097_600_000 <= ts < 1_760_227_200_000]
    assert min(crash) < 0.7 * 90.6e9


def test_funding_was_compressed_briefly_negative_on_some_venues_and_is_marginally_positive(events, state):
    rates = defaultdict(list)
    for event in events:
        if type(event) is Funding and event.symbol == BTC:
            rates[event.venue].append((event.ts, event.rate * 8 / event.interval_hours))
    begun = [course[0][1] for course in rates.values()]
    assert min(begun) > 5e-5, "a week before it was above what counts as neutral"
    dipped = {venue for venue, course in rates.items() if min(rate for _, rate in course) < 0}
    assert {"binance", "bybit"} <= dipped < rates.keys()
    for figure in state.funding.values():
        assert all(0 < venue.rate_8h < 5e-5 for venue in figure.venues.values())
        assert 0 < figure.mean_8h < 3e-5
    assert state.funding[BTC].venues["hyperliquid"].interval_hours == 1
    assert state.funding[BTC].venues["bybit"].streak < 0


def test_books_were_thinner_in_the_waves(events, day):
    minutes = {minute for run in bursts(day) for minute in run}
    found = {True: [], False: []}
    for event in events:
        if type(event) is Book and event.symbol == BTC and event.venue == "binance":
            found[event.ts // MINUTE in minutes].append(sum(price * amount for price, amount in event.bids))
    mean = {waves: sum(usd) / len(usd) for waves, usd in found.items()}
    assert mean[True] < 0.75 * mean[False]


def test_sentiment_flows_rates_and_volatility(events, timeline):
    metrics = defaultdict(list)
    for event in events:
        if type(event) is Metric:
            metrics[event.name].append((event.ts, event.value))
    fear = metrics["fear_greed"]
    assert 10 <= fear[-1][1] <= 15
    assert max(value for ts, value in fear if timeline.end - ts < 30 * DAY) >= 56, "greed less than a month ago"
    assert all(4.1 <= value <= 4.2 for _, value in metrics["us10y"])
    month = [value for ts, value in metrics["dxy"] if timeline.end - ts < 31 * DAY]
    assert abs(month[-1] / month[0] - 1) < 0.01
    flows = [event for event in events if type(event) is EtfFlow and event.asset == "BTC"]
    assert -4e9 < sum(event.usd for event in flows if event.date[:7] == "2025-11") < -3e9
    dvol = [event.value for event in events if type(event) is VolatilityIndex]
    assert 60 < dvol[-1] < 64 < max(dvol) < 66
    assert dvol[0] < 40


def test_the_reported_level_stays_on_the_ladder_on_the_day_it_breaks_and_no_round_number_flickers(timeline, events):
    wanted = (Candle, Ticker, Liquidation, VolatilityIndex, EtfFlow)
    pending = iter([event for event in events if type(event) in wanted])
    model, shown = Model(), {85_000: [], 80_000: [], 90_000: []}
    statuses, ahead = [], next(pending)
    for now in range(timeline.start, timeline.end + 1, 30 * MINUTE):
        batch = []
        while ahead is not None and ahead.arrival <= now:
            batch.append(ahead)
            ahead = next(pending, None)
        model.apply(batch)
        levels = model.levels.of(BTC, now)
        for price, found in shown.items():
            found.append(any(level.low <= price <= level.high for level in levels))
        statuses += [level.status for level in levels if level.low <= 85_000 <= level.high]
    assert all(shown[85_000]) and all(shown[90_000])
    assert statuses[0] == "holding" and "broken" in statuses
    came = shown[80_000].index(True, len(shown[80_000]) // 2)
    assert all(shown[80_000][came:]) and sum(one != other for one, other in pairwise(shown[80_000])) <= 2


def test_its_waves_are_found_within_thirty_seconds_and_no_others(market):
    assert_waves_are_found_and_no_others(market, FIGURES.waves)
