"""Waves in the model: what the state says of each, and that a snapshot carries all of it."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.market import START
from deskmon.alerts.reading import reader
from deskmon.clock import MINUTE
from deskmon.events import Gap, Journal, OpenInterest, Ticker, Wave
from deskmon.hub.wave_announcer import WaveAnnouncer
from deskmon.model import Model
from deskmon.model.figure_path import parse
from deskmon.model.figures import State, WaveBaseline
from deskmon.model.waves import HELD
from tests.model.markets import wired
from tests.waves.markets import CALM, every, liquidation
from tests.waves.test_detector import market

HOUR = 3_600
HEADER = Journal(version=1, source="simulated", ts=START, started=START)
NOW = START + (HOUR + 300) * 1_000


def model_of(events):
    model = Model()
    model.apply([HEADER, *sorted(events, key=lambda event: event.ts)])
    assert not model.rejected, model.samples
    return model


def flow(orders, **fields):
    return [liquidation(second, usd, **fields) for second, usd in orders]


def ticker(second, last, symbol="BTC/USDT:USDT"):
    return Ticker(ts=START + second * 1_000, venue="bybit", symbol=symbol, last=last)


def interest(second, amount, venue="bybit"):
    return OpenInterest(
        ts=START + second * 1_000, venue=venue, symbol="BTC/USDT:USDT", amount=amount, usd=amount * 9e9 / second
    )


def fall(second):
    """A price that falls by 3 % in the hour's first minute and takes a third of it back in the next."""
    after = second - HOUR
    return 100.0 - max(0, min(3, after / 20)) + max(0, min(1, (after - 60) / 60))


MARKET = [
    *flow(CALM),
    *flow(every(1, 1e6, HOUR, HOUR + 60)),
    *flow(every(2, 1e6, HOUR, HOUR + 60), symbol="ETH/USDT:USDT", venue="bitmex", side="short"),
    *flow(every(5, 10_000, HOUR + 60, HOUR + 300)),
    *(ticker(second, fall(second)) for second in range(HOUR - 600, HOUR + 300, 5)),
    *(interest(second, 1_000.0 if second < HOUR else 950.0) for second in range(HOUR - 600, HOUR + 300, 5)),
    interest(HOUR - 30, 500.0, "okx"),
]


def test_the_figures_of_a_wave():
    [wave] = model_of(MARKET).state(NOW).liquidations.waves
    start = START + HOUR * 1_000
    assert (wave.id, wave.group, wave.state, wave.lead) == (1, "all", "over", "BTC")
    assert (wave.start, wave.peak, wave.end) == (start, start + 30_000, start + 60_000)
    assert (wave.usd, wave.long_usd, wave.short_usd, wave.count) == (90e6, 60e6, 30e6, 90)
    assert wave.long_share == 60 / 90
    assert wave.peak_usd_per_min == 90e6
    assert (wave.by_symbol["BTC"].usd, wave.by_symbol["ETH"].usd) == (60e6, 30e6)
    assert (wave.by_venue["bybit"].long_usd, wave.by_venue["bitmex"].short_usd) == (60e6, 30e6)
    assert (wave.price_start, wave.price_low) == (100.0, 97.0)
    assert 97.0 < wave.price_end <= 98.0
    assert round(wave.price_move_pct, 9) == -3.0
    # okx never said what it has since: 1,000 + 500 before, 950 + 500 after.
    assert round(wave.open_interest_change_pct, 9) == round(-50 / 1_500 * 100, 9)
    assert not wave.lower_bound


def test_a_wave_of_shorts_is_measured_up_to_the_highest_price():
    rising = [
        msgspec.structs.replace(event, last=200 - event.last) if isinstance(event, Ticker) else event
        for event in MARKET
        if not isinstance(event, OpenInterest)
    ]
    shorts = [msgspec.structs.replace(event, side="short") if hasattr(event, "side") else event for event in rising]
    [wave] = model_of(shorts).waves.figures(NOW)
    assert (wave.price_low, round(wave.price_move_pct, 9), wave.long_share) == (103.0, 3.0, 0.0)
    assert wave.open_interest_change_pct is None


def test_a_running_wave_is_current_and_has_no_end():
    model = model_of(event for event in MARKET if event.ts < START + (HOUR + 30) * 1_000)
    now = START + (HOUR + 30) * 1_000
    assert model.waves.current(now - 1_000) == model.waves.figures(now - 1_000)[-1]
    assert (model.waves.current(now).state, model.waves.current(now).end) == ("building", None)
    assert model.waves.states(now) == {1: "building"}
    assert model.waves.current(now + 10 * MINUTE) is None
    assert all(
        model.waves.is_running(at) is (model.waves.current(at) is not None)
        for at in range(now - 20 * MINUTE, now + 20 * MINUTE, 10_000)
    )


def test_the_state_says_by_what_waves_are_called():
    model = model_of([])
    warm = model.state(START + 30_000).liquidations.wave_baseline
    assert (warm.source, warm.quiet_minutes, warm.provisional) == ("prior", 0.0, True)
    assert warm.warming_up_until == START + 60_000
    assert model.waves.baseline(START + 60_000).warming_up_until is None
    model.apply(flow([order for order in CALM if order[0] < 600]))
    assert model.waves.baseline(START + 600_000) == WaveBaseline(
        source="own", quiet_minutes=52 / 6, provisional=True, warming_up_until=None
    )
    model.apply(flow([order for order in CALM if order[0] >= 600]))
    assert model.waves.baseline(START + 3_720_000).provisional is False
    assert Model().waves.baseline(START) is None


def test_a_cascade_at_the_start_is_a_provisional_wave_in_state_and_stream():
    events = [liquidation(10 + second, 1e6) for second in range(600)]
    model = model_of(event for event in events if event.ts < START + 70_000)
    [wave] = model.state(START + 70_000).liquidations.waves
    assert (wave.state, wave.provisional, wave.usd) == ("building", True, 60e6)
    late = Model()
    late.apply(wired(model.snapshot()))
    assert late.state(START + 70_000).liquidations == model.state(START + 70_000).liquidations
    [said] = WaveAnnouncer(late.waves).news(START + 70_000)
    assert said.provisional and wired([said]) == [said]


def test_a_wave_without_prices_says_so():
    [wave] = model_of(flow(CALM + every(1, 1e6, HOUR, HOUR + 60))).waves.figures(NOW)
    assert (wave.price_start, wave.price_low, wave.price_end, wave.price_move_pct) == (None,) * 4
    assert wave.open_interest_change_pct is None


def test_sampled_venues_and_gaps_make_lower_bounds():
    burst = every(1, 1e6, HOUR, HOUR + 60)
    [sampled] = model_of(flow(CALM + burst, venue="binance")).waves.figures(NOW)
    assert sampled.lower_bound
    at = START + (HOUR + 30) * 1_000
    gap = Gap(ts=at, feed="f", venue="bybit", channel="liquidations", since=at - 5_000, until=at, dropped=0)
    [missed] = model_of([*flow(CALM + burst), gap]).waves.figures(NOW)
    assert missed.lower_bound


def test_rules_judge_the_state_that_is_shown_of_a_wave_with_a_gap():
    at = START + (HOUR + 30) * 1_000
    gap = Gap(ts=at, feed="f", venue="bybit", channel="liquidations", since=at - 5_000, until=at, dropped=0)
    model = model_of([*flow(CALM + every(1, 1e6, HOUR, HOUR + 60)), gap])
    at = START + (HOUR + 60) * 1_000
    wave, read = model.waves.current(at), reader(model)
    assert wave.incomplete
    assert read(parse("waves.current.state"), at) == (wave.state, False, False)
    assert read(parse("waves.current.lead"), at) == ("BTC", False, False)
    assert read(parse("waves.current.usd"), at) == (wave.usd, True, False)
    assert read(parse("waves.current.long_share"), at).value is None


def test_an_order_sent_twice_counts_once():
    orders = [
        msgspec.structs.replace(event, id=str(number))
        for number, event in enumerate(flow(CALM + every(1, 1e6, HOUR, HOUR + 60)))
    ]
    assert model_of([*orders, *orders]).waves.figures(NOW) == model_of(orders).waves.figures(NOW)


def test_a_venue_whose_clock_runs_ahead_does_not_close_the_others_buckets():
    ahead = liquidation(HOUR - 60, 1.0, ts=START + 5 * HOUR * 1_000, recv=START + (HOUR - 60) * 1_000)
    events = sorted([*flow(CALM), ahead], key=lambda event: event.arrival) + flow(every(1, 1e6, HOUR, HOUR + 60))
    model = Model()
    model.apply([HEADER, *events])
    assert [wave.usd for wave in model.waves.figures(NOW)] == [60e6]
    assert model.waves.late == 0


def test_wave_events_of_a_journal_change_nothing():
    said = Wave(
        ts=NOW, id=7, group="all", state="over", start=NOW, peak=NOW, usd=1.0, long_usd=1.0, short_usd=0.0, count=1,
        peak_usd_per_min=1.0, lead="BTC", by_venue={"bybit": 1.0}, by_symbol={"BTC": 1.0}, lower_bound=False,
    )  # fmt: skip
    model = model_of([*wired([said]), *flow(CALM)])
    assert model.waves.figures(NOW) == []


def test_the_newest_waves_are_held():
    burst = every(2, 1e6, 0, 20)
    spaced = [(HOUR + 200 * number + second, usd) for number in range(HELD + 5) for second, usd in burst]
    model = model_of(flow(CALM + spaced))
    ids = [wave.id for wave in model.waves.figures(START + 10 * HOUR * 24_000)]
    assert ids == list(range(6, HELD + 6))
    assert len(model.waves.states(0)) == HELD + 1  # the newest isn't over for good


def liquidations_of(seed):
    return [
        liquidation(0, order.usd, ts=order.ts, venue=order.venue, symbol=order.symbol, side=order.side)
        for order in market(seed)
    ]


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.floats(0, 1), st.integers(0, 600))
def test_a_snapshot_gives_the_same_waves_now_and_later(seed, cut, later):
    events = liquidations_of(seed)
    at = int(cut * len(events))
    prices = [ticker(60 * number, 100.0 + number % 7) for number in range(75)]
    model = model_of([*prices, *events[:at]])
    late = Model()
    late.apply(wired(model.snapshot()))
    for each in (model, late):
        now = events[max(0, at - 1)].ts + later * 1_000
        each.waves.figures(now)
        each.apply(events[at:])
    now = events[-1].ts + later * 1_000
    assert late.waves.figures(now) == model.waves.figures(now)
    assert late.waves.busiest_minutes(now, 30 * MINUTE) == model.waves.busiest_minutes(now, 30 * MINUTE)
    assert late.waves.baseline(now) == model.waves.baseline(now)
    text = msgspec.json.encode(model.state(now))
    assert msgspec.json.encode(msgspec.json.decode(text, type=State)) == text


@settings(max_examples=20)
@given(
    st.integers(0, 10_000), st.integers(0, 90 * MINUTE), st.integers(1, 200).map(lambda n: n * MINUTE),
    st.sampled_from([1, 5, 15]),
)  # fmt: skip
def test_the_timeline_is_the_busiest_minute_that_ended_in_each_step(seed, now, span, step):
    events, now, step = liquidations_of(seed), START + now, step * MINUTE
    bars = model_of(events).waves.busiest_minutes(now, span, step)
    assert [start for start, _, _ in bars] == [
        start for start in range((now - span) // step * step, now + 1, step) if now - span < start <= now
    ]
    sums = {}
    for event in events:
        if event.ts // 10_000 <= now // 10_000:
            sums.setdefault(event.ts // 10_000, {"long": 0, "short": 0})[event.side] += round(event.usd * 1e6)
    for start, long, short in bars:
        minutes = [
            [
                sum(sums[bucket][side] for bucket in range(end - 5, end + 1) if bucket in sums)
                for side in ("long", "short")
            ]
            for end in range(start // 10_000, (start + step) // 10_000)
        ]
        assert [round(long * 1e6), round(short * 1e6)] == max(minutes, key=sum)
