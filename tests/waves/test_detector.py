"""The rule: when a wave begins, when it ends, and that neither batches, lateness nor restarts change what is found."""

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.waves import CALMS, START, calm, cascade
from deskmon.analytics.baseline import Baseline
from deskmon.analytics.wave_levels import Parameters
from deskmon.analytics.waves import LATENESS, Detector
from tests.waves.markets import CALM, detector, every, spans, state

HOUR = 3_600
FAR = START + 10 * HOUR * 1_000


def test_a_calm_hour_has_no_wave():
    assert spans(detector(CALM)) == []


def test_nothing_is_a_wave_while_nothing_is_known():
    assert spans(detector(every(1, 1e6, 0, 120))) == []
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
    assert spans(detector(loud + burst)) == []


def test_one_wave_does_not_hide_the_next_smaller_one():
    flow = CALM + every(1, 5e6, HOUR, HOUR + 100) + every(5, 10_000, HOUR + 100, 2 * HOUR)
    assert len(spans(detector(flow + every(1, 0.2e6, 2 * HOUR, 2 * HOUR + 60)))) == 2


def test_a_desk_that_begins_amid_a_cascade_finds_the_next():
    flow = every(1, 2e6, 0, 200) + every(5, 10_000, 200, 2 * HOUR) + every(1, 2e6, 2 * HOUR, 2 * HOUR + 60)
    assert spans(detector(flow)) == [(2 * HOUR, 2 * HOUR + 60)]


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


def test_a_long_silence_is_leapt_over_without_another_result(monkeypatch):
    flow = (
        CALM
        + every(1, 1e6, HOUR, HOUR + 60)
        + every(5, 10_000, 30 * HOUR, 31 * HOUR)
        + every(1, 1e6, 31 * HOUR, 31 * HOUR + 60)
    )
    leapt = detector(flow)
    monkeypatch.setattr(Baseline, "silent", False)
    stepped = detector(flow)
    assert leapt.checkpoint() == stepped.checkpoint()
    assert spans(leapt) == spans(stepped) == [(HOUR, HOUR + 60), (31 * HOUR, 31 * HOUR + 60)]


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
