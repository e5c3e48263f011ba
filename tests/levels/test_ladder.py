"""The ladder: what appears stays for a while, what has just happened stays for 14 days, and nothing is remembered."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskmon.analytics.bars import DAY, coarser
from deskmon.analytics.ladder import EVENTFUL, FADED, NEAR, OUTSKIRTS, PastCloses, _overshadowed, eventful, on_ladder
from deskmon.analytics.level_settings import LevelSettings
from deskmon.analytics.level_sources import LOOK_BACK
from deskmon.analytics.level_values import StatusChange, Zone, ZoneStanding
from deskmon.analytics.levels import STEADY, level_map, steady
from deskmon.clock import HOUR
from tests.levels.builders import EMPTY, RECORDED, T, october_2025, walk

LEAST, ATR, PRICE = 2.0, 2.0, 100.0


def zone(scores, price=PRICE, **about):
    plain = Zone("zone", price, price, price, 0.5, scores[-1], ("x",), T, ((T, price, price),), "", False, False, ())
    return plain._replace(past=tuple(scores), **about)


def past_of(closes):
    """Closes of one hour each."""
    times = T + HOUR * np.arange(1, len(closes) + 1, dtype=np.int64)
    return PastCloses(times, np.array(closes, float), (times - T) // DAY, np.full(len(times), ATR))


def standing_of(times):
    """How a zone stands that something happened to at these times."""
    changes = tuple(StatusChange(time, "testing", "holding", PRICE, True) for time in times)
    return ZoneStanding("holding", T, True, True, changes)


def shown(closes, scores, events=()):
    """Whether one zone stands on the ladder after each of the closes, each asked for anew."""
    found = []
    for count in range(1, len(closes) + 1):
        past = past_of(closes[:count])
        held = standing_of([time for time in events if time <= past.times[-1]])
        found.append(bool(on_ladder([zone(scores[: past.day[-1] + 1])], past, LEAST, lambda _, held=held: held)))
    return found


def slowly(closes, scores, events):
    """The rule, remembered from close to close."""
    found, kept, stands = [], -1, False
    past = past_of(closes)
    for time, close, day in zip(past.times.tolist(), closes, past.day.tolist(), strict=True):
        gap, score = abs(close - PRICE), scores[day]
        appear = score >= LEAST or (score >= LEAST / 2 and gap <= NEAR[0] * ATR)
        stay = score >= FADED * LEAST or (score >= FADED * LEAST / 2 and gap <= NEAR[1] * ATR)
        stands = appear or (stands and (stay or time < kept))
        if stands and time in events:
            kept = time + EVENTFUL
        found.append(stands)
    return found


DAYS = 18
touching = st.lists(st.sampled_from([88.0, 91.0, 93.0, 95.0, 100.0, 104.5, 107.0, 109.0]), min_size=3, max_size=DAYS)
daily_scores = st.lists(st.sampled_from([0.0, 0.6, 0.8, 1.2, 1.5, 2.5]), min_size=DAYS + 1, max_size=DAYS + 1)


@settings(max_examples=60)
@given(touching, daily_scores)
def test_a_ladder_asked_for_anew_is_the_one_that_a_memory_would_have_and_what_happened_stays_on_it(prices, scores):
    closes = [price for price in prices for _ in range(24)]
    events = {T + (24 * day + 1) * HOUR for day, price in enumerate(prices) if price == PRICE}
    found = shown(closes, scores, sorted(events))
    assert found == slowly(closes, scores, events)
    for event in events:
        at = (event - T) // HOUR - 1
        if found[at]:
            assert all(found[at : at + EVENTFUL // HOUR])


@settings(max_examples=30)
@given(st.floats(90.0, 99.0), st.lists(st.floats(-0.5, 0.5), min_size=48, max_size=48))
def test_noise_of_half_an_atr_about_any_price_neither_shows_nor_hides_a_zone_twice(middle, noise):
    changes = sum(
        one != other for one, other in itertools.pairwise(shown([middle + ATR * n for n in noise], [1.2] * 3))
    )
    assert changes <= 1


@settings(max_examples=30)
@given(st.floats(0.3, 3.0), st.lists(st.floats(0.85, 1.15), min_size=DAYS, max_size=DAYS))
def test_scores_that_sway_by_a_third_neither_show_nor_hide_a_zone_twice(score, sway):
    found = shown([80.0] * (24 * DAYS - 1), [score * each for each in sway])
    assert sum(one != other for one, other in itertools.pairwise(found)) <= 1


@given(st.floats(1.0, 2.0), st.lists(st.floats(0.9, 1.1), min_size=30, max_size=30))
def test_a_neighbour_whose_score_sways_displaces_a_zone_at_most_once(ratio, sway):
    strong = [ratio * each for each in sway]
    hidden = [_overshadowed([1.0] * n, strong[:n]) for n in range(1, 31)]
    assert sum(one != other for one, other in itertools.pairwise(hidden)) <= 1
    assert max(strong) >= OUTSKIRTS[0] or not any(hidden)


def test_outskirts_are_left_out_but_not_what_has_a_name_a_pin_or_a_story():
    day = past_of([104.0] * 24)
    weak, strong = zone([2.5, 2.5]), zone([4.0, 4.0], 100.9, id="strong")
    quiet, told = standing_of([]), standing_of([T + 5 * HOUR])

    def names(*zones, held=quiet):
        return [each.id for each, _ in on_ladder(zones, day, LEAST, lambda _: held)]

    assert names(weak, strong) == ["strong"]
    assert names(weak, strong._replace(price=101.1)) == ["zone", "strong"]
    assert names(weak._replace(named=True), strong) == names(weak._replace(pinned=True), strong) == ["zone", "strong"]
    touched = past_of([104.0, 104.0, 104.0, 104.0, 100.2, *[104.0] * 19])
    assert [each.id for each, _ in on_ladder([weak, strong], touched, LEAST, lambda _: told)] == ["zone", "strong"]


def same(one, other):
    """Whether they are one zone, or one of them takes the other in."""
    near = max(one.tolerance, other.tolerance)
    return (one.low <= other.high and other.low <= one.high) or abs(one.price - other.price) <= near


def lost(held, first):
    """What closes did to a zone on the ladder from the hour of index `first` on, and that left within 14 days."""
    watched, gone = [], []
    for count in range(first, held.number + 1):
        hours = held.cut(0, count)
        now = int(hours.time[-1]) + HOUR
        levels = level_map(hours, EMPTY, hours, HOUR, LevelSettings()).levels
        watched = [(each, at) for each, at in watched if now - at < EVENTFUL]
        gone += [each.id for each, _ in watched if not any(same(each, level.zone) for level in levels)]
        watched += [(level.zone, now) for level in levels if level.standing.changes[-1:] and
                    level.standing.changes[-1].time == now]  # fmt: skip
    assert watched
    return gone


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_was_tested_broken_or_reclaimed_on_a_random_walk_stays_on_the_ladder(seed):
    assert lost(walk(seed, 24 * 26, spread=0.006), 24 * 21) == []


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded data: set DESKMON_RECORDED")
def test_what_the_crash_of_october_2025_broke_stays_on_the_ladder():
    held = october_2025(1_760_486_400_000)
    assert lost(held, held.number - 5 * 24) == []


@pytest.mark.parametrize("seed", [4, 5])
def test_a_day_s_turn_takes_nothing_from_the_ladder_that_something_happened_to_and_no_round_number(seed):
    held = walk(seed, 24 * 30)
    for day in range(26, 30):
        before, after = (
            level_map(hours, EMPTY, hours, HOUR, LevelSettings()).levels
            for hours in (held.cut(0, 24 * day - 1), held.cut(0, 24 * day))
        )
        now = T + 24 * day * HOUR
        for level in before:
            if eventful(level.standing, now) or "round" in level.zone.sources:
                assert any(same(level.zone, other.zone) for other in after), level.zone


@given(st.lists(st.floats(0.0025, 0.05), min_size=1, max_size=60))
def test_sources_merge_by_a_tolerance_near_the_day_s_that_changes_in_steps(tolerances):
    found = [steady(np.array(tolerances[:count])) for count in range(1, len(tolerances) + 1)]
    for held, tolerance in zip(found, tolerances, strict=True):
        assert tolerance / STEADY * 0.999 <= held <= tolerance * STEADY * 1.001
    for before, after, tolerance in zip(found, found[1:], tolerances[1:], strict=False):
        assert after == before or (after == tolerance and not before / STEADY <= tolerance <= before * STEADY)


def test_what_a_level_is_tested_and_broken_by_is_the_tolerance_of_the_day():
    held = walk(7, 24 * 40)
    days = coarser(held, DAY)
    found = level_map(held, EMPTY, held, HOUR, LevelSettings())
    by_range = max(0.0025, 0.25 * found.atr / days.close[-1])
    assert found.tolerance == pytest.approx(by_range)
    assert all(level.zone.tolerance == pytest.approx(by_range * level.zone.price) for level in found.levels)


def test_a_ladder_looks_back_longer_than_what_happened_stays():
    assert LOOK_BACK * DAY > EVENTFUL
