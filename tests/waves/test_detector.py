"""The rule: when a wave begins, when it ends, and that neither batches, lateness nor restarts change what is found."""

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.market import CALMS, START, calm, cascade
from deskmon.analytics.wave_detector import LATENESS, WARM_UP, Detector
from deskmon.analytics.wave_settings import Parameters
from deskmon.analytics.wave_tracker import Tracker
from tests.waves.markets import CALM, KEY, detector, every, spans, state

HOUR = 3_600
FAR = START + 10 * HOUR * 1_000


def test_a_calm_hour_has_no_wave():
    assert spans(detector(CALM)) == []


def test_the_prior_decides_while_little_was_heard():
    assert spans(detector(every(1, 1e6, 0, 120))) == [(0, 120)]
    assert spans(detector(every(1, 20_000, 0, 120))) == []  # within what a busy day closes
    assert spans(detector(every(1, 20_000, 0, 120), Parameters(prior_usd=50e6))) == [(0, 120)]
    assert spans(detector(every(5, 10_000, 0, 400) + every(1, 1e6, 400, 460))) == [(400, 460)]


def test_a_few_big_orders_are_no_wave_nor_is_what_comes_at_one_moment():
    assert spans(detector([*CALM, (HOUR, 50e6), (HOUR + 5, 50e6), (HOUR + 12, 50e6), (HOUR + 25, 50e6)])) == []
    assert spans(detector([*CALM, *[(HOUR + number / 10, 1e6) for number in range(90)]])) == []
    assert spans(detector([*CALM, *every(2, 1e6, HOUR, HOUR + 20)])) == [(HOUR, HOUR + 20)]
    assert spans(detector([*CALM, *every(4, 1e6, HOUR, HOUR + 30)])) == [(HOUR, HOUR + 30)]
    assert spans(detector([*CALM, *every(12, 1e6, HOUR, HOUR + 60)])) == []


def test_what_follows_a_wave_must_be_above_its_echo():
    flood = every(1, 5e6, HOUR, HOUR + 60)

    def after(seconds, usd):
        start = HOUR + 60 + seconds
        return len(spans(detector(CALM + flood + every(1, usd, start, start + 30))))

    assert [after(150, 0.3e6), after(150, 10e6), after(540, 0.3e6)] == [1, 2, 2]


@pytest.mark.parametrize(("quiet", "waves"), [(100, 1), (120, 2)])
def test_bursts_closer_than_the_gap_are_one_wave(quiet, waves):
    flow = CALM + every(1, 1e6, HOUR, HOUR + 60) + every(1, 2e6, HOUR + 60 + quiet, HOUR + 120 + quiet)
    assert len(spans(detector(flow))) == waves


def test_a_burst_goes_on_below_where_it_began():
    parameters = Parameters(enter=8, leave=2, least_usd=800_000)

    def length(usd):
        [(start, end)] = spans(
            detector(CALM + every(1, 1e6, HOUR, HOUR + 60) + every(1, usd, HOUR + 60, HOUR + 120), parameters)
        )
        return end - start

    assert length(30_000) == 120  # 300,000 per bucket: above leave, far below where a burst begins
    assert length(6_000) == 60


def test_what_lasts_longer_than_the_baseline_becomes_the_usual():
    flow = CALM + every(1, 200_000, HOUR, 4 * HOUR)
    [(start, end)] = spans(detector(flow), FAR)
    assert start == HOUR
    assert HOUR < end - start < 2 * HOUR


def test_the_floor_grows_with_the_volume_of_the_day():
    quiet, loud = every(5, 10_000, 0, HOUR), every(5, 1_000_000, 0, HOUR)
    burst = every(1, 100_000, HOUR, HOUR + 60)
    assert len(spans(detector(quiet + burst))) == 1
    assert spans(detector(loud + burst, Parameters(prior_usd=20e9))) == []


def test_one_wave_does_not_hide_the_next_smaller_one():
    flow = CALM + every(1, 5e6, HOUR, HOUR + 100) + every(5, 10_000, HOUR + 100, 2 * HOUR)
    assert len(spans(detector(flow + every(1, 0.2e6, 2 * HOUR, 2 * HOUR + 60)))) == 2


def test_a_desk_that_begins_amid_a_cascade_finds_it_and_the_next():
    flow = every(1, 2e6, 0, 200) + every(5, 10_000, 200, 2 * HOUR) + every(1, 2e6, 2 * HOUR, 2 * HOUR + 60)
    assert spans(detector(flow)) == [(0, 200), (2 * HOUR, 2 * HOUR + 60)]


def test_a_wave_builds_crests_fades_and_is_over():
    rise = [(HOUR + second, 20_000 * (second + 1)) for second in range(100)]
    fall = [(HOUR + 100 + second, 20_000 * (99 - second)) for second in range(99)]
    wave = rise + fall

    def at(second):
        return state(detector(CALM + [order for order in wave if order[0] <= HOUR + second]), HOUR + second)

    assert at(5) is None
    assert [at(second) for second in (40, 80, 120)] == ["building"] * 3
    assert at(150) == "cresting"
    assert at(190) == "fading"
    whole = detector(CALM + wave)
    [(_, end)] = spans(whole)
    assert [state(whole, end + second) for second in (60, 120, 179)] == ["fading"] * 3
    assert state(whole, end + 180) == "over"


def test_a_wave_that_grows_again_builds_again():
    flow = CALM + every(1, 5e5, HOUR, HOUR + 60)
    assert state(detector(flow), HOUR + 130) == "fading"
    assert state(detector(flow + every(1, 2e6, HOUR + 130, HOUR + 170)), HOUR + 170) == "building"


def test_the_busiest_minute():
    flow = (
        CALM
        + every(1, 1e6, HOUR, HOUR + 60)
        + every(1, 3e6, HOUR + 60, HOUR + 120)
        + every(1, 1e6, HOUR + 120, HOUR + 180)
    )
    [(wave, _)] = detector(flow).view(0)
    assert wave.peak == 180e12
    assert wave.peak_time == START + (HOUR + 90) * 1_000


@pytest.mark.parametrize("begin", [0, 10, 60, 120, 240, 300, 330, 600])
def test_a_cascade_is_called_within_a_minute_of_onset_or_warm_up_whenever_the_desk_was_started(begin):
    flow, due = every(1, 1e6, begin, begin + 600), max(begin, WARM_UP // 1_000) + 60
    early = detector([order for order in flow if order[0] <= due])
    [(wave, running)] = early.view(START + due * 1_000)
    assert (wave.start, wave.provisional) == (START + begin * 1_000, True)
    assert running != "over"
    assert spans(detector(flow)) == [(begin, begin + 600)]


DAY_USD = 200e6
DAY_LONG = every(10, DAY_USD / 8_640, 0, 24 * HOUR)
"""A calm of 200 million dollars a day."""


@pytest.mark.parametrize("onset", [0, 60, 180, 300])
@pytest.mark.parametrize(("after", "usd"), [(600, 75e6), *((hours * HOUR, 50e6) for hours in (1, 3, 6, 23))])
def test_a_big_cascade_hides_none_of_the_later_ones(onset, after, usd):
    first = every(1, 300e6 / 240, onset, onset + 240)
    begin = onset + after
    calm = [order for order in DAY_LONG if order[0] < begin + 240]
    found = detector(
        [order for order in calm if order[0] < begin + 30] + first + every(1, usd / 240, begin, begin + 30)
    )
    newest = found.view(0)[-1][0]
    assert begin - 20 <= (newest.start - START) // 1_000 <= begin + 20
    whole = spans(detector(calm + first + every(1, usd / 240, begin, begin + 240)))
    assert len(whole) == 2
    assert whole[1][1] >= begin + 240


@settings(max_examples=10)
@given(st.integers(0, 400), st.floats(1e8, 3e9), st.integers(HOUR, 3 * HOUR), st.floats(1e4, 3e5), st.integers(1, 10))
def test_an_hour_after_a_big_cascade_all_is_a_wave_that_would_be_one_without_it(onset, big, after, usd, step):
    calm = every(10, 20_000, 0, 4 * HOUR)
    begin = onset + 240 + after
    small = every(step, usd, begin, begin + 60)
    first = every(1, big / 240, onset, onset + 240)
    alone, both = spans(detector(calm + small)), spans(detector(calm + first + small))
    assert both[0][0] in range(onset - 30, onset + 30)
    assert [span for span in both if span[0] >= begin - 30] == [span for span in alone if span[0] >= begin - 30]


def test_a_cascade_that_was_not_named_at_once_leaves_the_baseline_when_it_is():
    creeping = [(HOUR + second, 600 * (second // 10)) for second in range(0, 280, 2)]
    burst = every(1, 1e6, HOUR + 280, HOUR + 320)
    quiet, named = detector(CALM + creeping), detector(CALM + creeping + burst + [(HOUR + 400, 1.0)])
    assert spans(quiet) == []
    kept = [total for _, total, _, _ in named._baseline._recent if total > 0]
    assert max(kept) < 50_000 * 10**6


def test_a_desk_in_a_busy_calm_calls_no_wave_and_soon_stands_on_its_own():
    busy = every(1, 14_000, 0, 10 * 60)  # 1.2 billion dollars a day
    found = detector(busy)
    assert spans(found) == []
    assert found.known(START + 600_000) >= 50


def test_a_wave_of_a_busy_calm_ends_though_the_calm_is_louder_than_the_prior():
    busy = [(second, usd) for second, usd in every(1, 14_000, 0, 1_200)]
    [(start, end)] = spans(detector(busy + every(1, 3e6, 5, 95)), FAR)
    assert (start, end) == (0, 100)


def test_the_calm_of_both_sides_is_no_wave_where_a_cascade_of_one_is():
    found, one_sided = fresh(), fresh()
    for second in range(120):
        for each, side in ((found, "long" if second % 2 else "short"), (one_sided, "long")):
            each.add(START + second * 1_000, ("bybit", "BTC/USDT:USDT", side), 50_000 * 10**6)
    assert found.view(0) == []
    assert len(one_sided.view(0)) == 1


def test_silence_that_was_not_heard_is_no_calm():
    busy = every(1, 10_000, 0, 2 * HOUR)
    back = every(1, 10_000, 5 * HOUR, 5 * HOUR + 600) + every(1, 15_000, 5 * HOUR + 200, 5 * HOUR + 230)
    deaf = detector(busy)
    deaf.miss(START + 2 * HOUR * 1_000, START + 5 * HOUR * 1_000)
    silent = detector(busy)
    for each in (deaf, silent):
        for second, usd in sorted(back):
            each.add(START + second * 1_000, ("bybit", "BTC/USDT:USDT", "long"), round(usd * 1e6))
    assert spans(deaf) == []
    assert spans(silent) != []


def test_a_wave_is_provisional_until_an_hour_of_calm_was_heard():
    def provisional(minutes):
        calm = every(5, 10_000, 0, minutes * 60)
        [(wave, _)] = detector(calm + every(1, 1e6, minutes * 60, minutes * 60 + 30)).view(0)
        return wave.provisional

    assert [provisional(minutes) for minutes in (1, 5, 30, 60, 62, 120)] == [True] * 4 + [False] * 2


def market(seed, minutes=75):
    """A calm market with two cascades, in order of time."""
    rng = random.Random(seed)
    kind = CALMS["usual day"]
    orders = calm(rng, kind, minutes / 60)
    for _ in range(2):
        orders += cascade(
            rng, START + rng.randrange(10 * 60, minutes * 60) * 1_000, rng.uniform(5e6, 2e8), rng.uniform(30, 200)
        )
    return sorted(orders)


def take(found, orders):
    for order in orders:
        found.add(order.ts, (order.venue, order.symbol, order.side), round(order.usd * 1e6))


def final(found):
    """Everything about all waves, after the market ended."""
    found.add(FAR, ("v", "s", "long"), 1)
    assert found.late == 0
    return [(msgspec.to_builtins(seen.outline), seen.state, dict(sorted(seen.sums.items()))) for seen in found.over]


def fresh():
    found = Detector(Parameters())
    found.listen(START)
    return found


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_any_order_of_arrival_within_a_minute_gives_the_same_waves(seed, shuffle):
    orders, rng = market(seed), random.Random(shuffle)
    straight, shuffled = fresh(), fresh()
    take(straight, orders)
    take(shuffled, sorted(orders, key=lambda order: order.ts + rng.choice((0, 0, LATENESS * rng.random()))))
    assert final(shuffled) == final(straight)


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_the_sums_of_a_wave_are_those_of_its_orders(seed):
    orders, found = market(seed), fresh()
    take(found, orders)
    provisional = [(msgspec.to_builtins(wave), found.sums(wave)) for wave, _ in found.view(0)]
    found.add(FAR, ("v", "s", "long"), 1)
    settled = [(msgspec.to_builtins(seen.outline), seen.sums) for seen in found.over]
    for wave, sums in settled + provisional:
        within = [order for order in orders if wave["first"] <= order.ts // 10_000 <= wave["last"]]
        assert sum(amount for amount, _ in sums.values()) == sum(round(order.usd * 1e6) for order in within)
        assert sum(count for _, count in sums.values()) == len(within)
        assert set(sums) == {(order.venue, order.symbol, order.side) for order in within}
    if provisional:
        assert settled[-len(provisional) :] == provisional


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.floats(0, 1))
def test_a_restored_detector_continues_as_the_first(seed, cut):
    orders = market(seed)
    at = int(cut * len(orders))
    first = fresh()
    take(first, orders[:at])
    first.over.clear()
    second = Detector(Parameters())
    second.restore(msgspec.json.decode(msgspec.json.encode(first.checkpoint())))
    assert second.view(0) == first.view(0)
    for each in (first, second):
        take(each, orders[at:])
    assert second.checkpoint() == first.checkpoint()
    assert final(second) == final(first)


ORDERS = st.lists(
    st.tuples(
        st.sampled_from((0, 3, 20, 80, 400, 4_000)),
        st.sampled_from((900.0, 2e4, 4e5, 9e6)),
        st.sampled_from((0, 0, 0, 5, 60, 3_000)),
    ),
    min_size=5,
    max_size=40,
)
"""Liquidations: so many seconds after the one before, dollars, and how many seconds until then weren't heard whole."""


def sparsely(orders, *, leaps):
    """What a detector knows after each order; where not `leaps`, it takes each empty bucket by itself."""
    found, second, known = Detector(Parameters(baseline_minutes=10)), 0, []
    found.listen(START)
    with pytest.MonkeyPatch.context() as patch:
        if not leaps:
            patch.setattr(Tracker, "idle", False)
        for seconds, usd, missed in orders:
            second += seconds
            if missed:
                found.miss(START + (second - missed) * 1_000, START + second * 1_000)
            found.add(START + second * 1_000, KEY, round(usd * 1e6))
            known.append(found.view(0))
        return known, found.over, found.checkpoint()


@settings(max_examples=60)
@given(ORDERS)
def test_silence_is_leapt_over_without_another_result(orders):
    assert sparsely(orders, leaps=True) == sparsely(orders, leaps=False)


def test_a_long_silence_before_and_after_a_wave_changes_neither():
    flow = (
        CALM
        + every(1, 1e6, HOUR, HOUR + 60)
        + every(5, 10_000, 30 * HOUR, 31 * HOUR)
        + every(1, 1e6, 31 * HOUR, 31 * HOUR + 60)
    )
    assert spans(detector(flow)) == [(HOUR, HOUR + 60), (31 * HOUR, 31 * HOUR + 60)]


def test_what_comes_too_late_is_counted_and_left_out():
    found = detector([*CALM, (HOUR, 10.0)])
    before = found.checkpoint()
    found.add(START + (HOUR - 80) * 1_000, ("v", "s", "long"), 10**15)
    assert found.late == 1
    assert found.checkpoint() == before | {"late": 1}


def test_looking_changes_nothing():
    orders, looked = market(3), fresh()
    for order in orders:
        take(looked, [order])
        looked.view(order.ts + 7_000)
    blind = fresh()
    take(blind, orders)
    assert final(looked) == final(blind)


def test_work_and_memory_stay_bounded_over_a_silence_of_years_and_a_long_flood():
    found = detector([*CALM, (25 * 365 * 24 * HOUR, 10.0)])
    assert len(found._held) <= 7  # what isn't final
    flood = detector(CALM + every(1, 1e6, HOUR, 12 * HOUR))
    assert len(flood._held) < 100
    assert len(flood._baseline._window) == 360
    assert len(flood._baseline._slots) <= 145
