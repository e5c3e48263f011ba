"""Merging sources into zones: none overlaps another, none is wider than its tolerance allows, scores add up."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.analytics.bars import DAY
from deskmon.analytics.zones import SourceGroup, merge
from tests.levels.builders import T

EVERYTHING = (1e-9, 1e12)
R = 0.01

prices = st.lists(st.floats(50.0, 200.0), max_size=40)
batches = st.lists(
    st.builds(
        lambda text, rank, values, half, founds: SourceGroup(
            text, rank, 1.0, values, [T - DAY * (n % 50) for n in range(len(values))], half, founds=founds
        ),
        st.sampled_from("abc"), st.integers(0, 4), prices, st.sampled_from([0.0, 30.0]), st.booleans(),
    ),
    max_size=6,
)  # fmt: skip
pins = st.lists(st.tuples(st.floats(50.0, 200.0), st.floats(1.0, 1.1)), max_size=4)


def with_pins(found, pinned):
    if not pinned:
        return found
    low = [low for low, _ in pinned]
    top = [low * wide for low, wide in pinned]
    return [*found, SourceGroup("pin", 0, 5.0, low, [T] * len(low), top=top, labels=["mine"] * len(low))]


def zones(found, tolerance=R, least=0.0, within=EVERYTHING, days=(T,)):
    return merge(found, tolerance, days, least, within)


@given(batches, pins)
def test_zones_never_overlap_and_stand_in_order(found, pinned):
    zoned = zones(with_pins(found, pinned))
    for below, above in itertools.pairwise(zoned):
        assert below.low <= below.high < above.low <= above.high
    assert all(zone.low <= zone.high for zone in zoned)


@given(batches, st.lists(st.booleans(), min_size=6, max_size=6))
def test_the_price_of_a_zone_lies_within_it_whatever_moves(found, moving):
    """A zone founded by a source that moves is named, and stretches, by those that stay."""
    found = [batch._replace(moves=moves) for batch, moves in zip(found, moving, strict=False)]
    assert all(zone.low <= zone.price <= zone.high for zone in zones(found))


@given(batches)
def test_no_source_is_farther_from_the_founder_than_the_tolerance(found):
    for zone in zones(found):
        assert math.log(zone.high / zone.price) <= R * 1.0001 and math.log(zone.price / zone.low) <= R * 1.0001


@given(batches)
def test_every_source_that_can_found_a_zone_is_in_one(found):
    zoned = zones(found)
    for batch in found:
        for price in batch.prices if batch.founds else ():
            assert any(zone.low * (1 - 1e-9) <= price <= zone.high * (1 + 1e-9) for zone in zoned), price


@given(batches)
def test_scores_add_up_to_weight_times_recency(found):
    expected = math.fsum(
        0.5 ** (((T - born) / DAY) / batch.half_life) if batch.half_life else 1.0
        for batch in found
        if batch.founds
        for born in batch.born
    )
    assert sum(zone.score for zone in zones([b for b in found if b.founds])) == pytest.approx(expected, abs=0.05)


@given(batches, st.floats(50.0, 200.0))
def test_a_new_source_of_least_rank_moves_no_zone_by_more_than_the_tolerance(found, price):
    """Twice that where it takes the source that the zone is called by into a zone of its own."""
    before = {zone.id: zone for zone in zones(found)}
    for zone in zones([*found, SourceGroup("new", 9, 1.0, [price], [T])]):
        old = before.get(zone.id)
        if old is not None:
            most = R * (1 if zone.price == old.price else 2) * 1.001
            assert abs(math.log(zone.low / old.low)) <= most and abs(math.log(zone.high / old.high)) <= most


def test_what_moves_from_day_to_day_strengthens_a_zone_and_does_not_stretch_it():
    stays, moves = SourceGroup("a", 1, 1.0, [100.0], [T]), SourceGroup("b", 2, 1.0, [100.7], [T], moves=True)
    [zone] = zones([stays, moves])
    assert (zone.low, zone.high, zone.score, zone.sources) == (100.0, 100.0, 2.0, ("a", "b"))
    [zone] = zones([moves])
    assert (zone.low, zone.high) == (100.7, 100.7)


def test_a_zone_knows_how_wide_it_was_when():
    found = SourceGroup("a", 1, 1.0, [100.0, 99.5, 99.6, 100.5], [T - 3 * DAY, T - 2 * DAY, T - DAY, T])
    [zone] = zones([found])
    assert zone.grown == ((T - 3 * DAY, 100.0, 100.0), (T - 2 * DAY, 99.5, 100.0), (T, 99.5, 100.5))
    assert (zone.born, zone.low, zone.high) == (T - 3 * DAY, 99.5, 100.5)


def test_two_within_the_tolerance_are_one_and_two_beyond_it_are_two():
    def at(*values):
        return [SourceGroup("a", 1, 1.0, values, [T] * len(values))]

    assert len(zones(at(100.0, 100.9))) == 1
    assert len(zones(at(100.0, 101.1))) == 2


def test_the_more_important_source_founds_and_names_the_price():
    [zone] = zones([SourceGroup("minor", 5, 1.0, [100.5], [T - DAY]), SourceGroup("major", 1, 2.0, [100.0], [T])])
    assert (zone.price, zone.low, zone.high, zone.score) == (100.0, 100.0, 100.5, 3.0)
    assert zone.sources == ("major", "minor") and zone.born == T - DAY
    assert zone.id == "minor 100.5"


def test_the_nearer_of_two_founders_gets_a_source_between_them():
    found = [SourceGroup("a", 1, 1.0, [100.0, 101.5], [T, T]), SourceGroup("b", 2, 1.0, [100.7, 100.9], [T, T])]
    assert [(zone.low, zone.high) for zone in zones(found)] == [(100.0, 100.7), (100.9, 101.5)]


def test_pins_stay_whatever_the_score_and_the_distance():
    pin = SourceGroup("pin", 0, 0.1, [10.0], [T], top=[11.0], labels=["far below"])
    [zone] = zones([pin], least=5.0, within=(90.0, 110.0))
    assert (zone.low, zone.high, zone.label, zone.pinned) == (10.0, 11.0, "far below", True)


def test_stretches_that_meet_are_one():
    pin = SourceGroup(
        "pin", 0, 1.0, [100.0, 104.0, 120.0], [T] * 3, top=[103.5, 106.0, 120.0], labels=["one", "two", "three"]
    )
    assert [(zone.low, zone.high, zone.label) for zone in zones([pin])] == [
        (100.0, 106.0, "one · two"), (120.0, 120.0, "three"),
    ]  # fmt: skip


def test_what_can_not_found_a_zone_only_strengthens_one():
    wall = SourceGroup("wall", 8, 0.5, [100.2, 150.0], [T, T], moves=True, founds=False)
    [zone] = zones([SourceGroup("a", 1, 1.0, [100.0], [T]), wall])
    assert zone.score == 1.5 and zone.sources == ("a", "wall")


def test_a_source_without_weight_counts_for_nothing():
    assert zones([SourceGroup("a", 1, 0.0, [100.0], [T])]) == []


def test_what_counts_for_a_day_only_keeps_its_place_and_the_score_of_its_days():
    stays = SourceGroup("swing", 1, 2.0, [100.0], [T - 3 * DAY], 30.0)
    yesterday = SourceGroup("high", 2, 1.0, [100.4, 103.0], [T - DAY, T - DAY], moves=True, until=[T, T])
    one, other = zones([stays, yesterday], days=[T - 2 * DAY, T - DAY, T])
    assert one.past == pytest.approx([2.0 * 0.5 ** (n / 30) + (n == 2) for n in (1, 2, 3)])
    assert (one.score, one.sources, one.high) == (round(2.0 * 0.5 ** (3 / 30), 3), ("swing",), 100.0)
    assert (other.past, other.score, other.sources) == ((0.0, 1.0, 0.0), 0.0, ("former high",))


def test_a_source_that_stays_takes_over_a_zone_and_its_history():
    moves = SourceGroup("high", 2, 1.0, [100.4], [T - 5 * DAY], moves=True)
    [zone] = zones([moves, SourceGroup("swing", 1, 1.0, [100.0], [T - DAY])])
    assert zone.grown == ((T - 5 * DAY, 100.4, 100.4), (T - DAY, 100.0, 100.0))
    assert (zone.id, zone.born, zone.low, zone.high) == ("swing 100", T - 5 * DAY, 100.0, 100.0)


def test_a_wall_neither_names_a_zone_nor_counts_in_what_shows_it():
    wall = SourceGroup("wall", 8, 0.5, [100.0], [T - 9 * DAY], moves=True, founds=False)
    [zone] = zones([wall, SourceGroup("high", 2, 1.0, [100.4, 120.0], [T, T], moves=True)], within=(90.0, 110.0))
    assert (zone.id, zone.born, zone.score, zone.past) == ("high 100.4", T, 1.5, (1.0,))
