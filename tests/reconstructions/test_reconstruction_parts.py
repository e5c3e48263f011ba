"""Sums to the cent and paths through given prices, for any figures."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import HOUR, MINUTE
from deskmon.events import MIN_TS, FeedStatus, Ticker
from deskmon.feeds.demo.reconstructions import reconstruct
from deskmon.feeds.demo.reconstructions.prices import at, follow, through
from deskmon.feeds.demo.reconstructions.reconstruction import Reconstruction
from deskmon.feeds.demo.reconstructions.totals import fit, split
from deskmon.feeds.demo.reconstructions.world import Asset


@st.composite
def tables(draw):
    """Row sums, column sums and a seed of a table of cents that exists."""
    height, width = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    cells = [[draw(st.integers(1, 10**11)) for _ in range(width)] for _ in range(height)]
    seed = [[draw(st.floats(0.2, 5)) for _ in range(width)] for _ in range(height)]
    return [sum(row) for row in cells], [sum(column) for column in zip(*cells, strict=True)], seed


@given(tables())
def test_a_fitted_table_has_exactly_the_sums_asked(table):
    rows, columns, seed = table
    cells = fit(rows, columns, seed)
    assert [sum(row) for row in cells] == rows
    assert [sum(column) for column in zip(*cells, strict=True)] == columns
    assert all(cell >= 0 for row in cells for cell in row)


def test_a_fitted_table_keeps_the_proportions_of_its_seed():
    cells = fit([600_000, 300_000], [450_000, 450_000], [[2.0, 1.0], [1.0, 2.0]])
    odds = cells[0][0] * cells[1][1] / (cells[0][1] * cells[1][0])
    assert odds == pytest.approx(4.0, rel=1e-4), "fitting leaves the odds ratio of the seed as it was"


def test_sums_that_contradict_each_other_are_refused():
    with pytest.raises(ValueError, match="rows sum to 3, columns to 4"):
        fit([1, 2], [4], [[1.0], [1.0]])


@given(st.integers(0, 10**12), st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=50))
def test_parts_sum_to_the_whole_and_are_near_their_share(total, weights):
    parts = split(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * weight / sum(weights)) <= 1 + 1e-15 * total * len(weights)


KNOTS = ((MIN_TS, 100.0), (MIN_TS + HOUR, 80.0), (MIN_TS + 3 * HOUR, 90.0))


@given(st.integers(0, 1_000))
def test_a_path_goes_through_its_knots_and_never_below_the_lowest(seed):
    path = through(KNOTS, ((MIN_TS, 5 * MINUTE),), lambda ts: 0.05, Random(seed))
    assert [path.at(ts) for ts, _ in KNOTS] == [price for _, price in KNOTS]
    assert min(path.values) == 80.0
    assert path.ts == list(range(MIN_TS, MIN_TS + 3 * HOUR + 1, 5 * MINUTE))
    opened, high, low, close = path.bar(MIN_TS + MINUTE, MIN_TS + 2 * HOUR)
    assert (opened, close) == (path.at(MIN_TS + MINUTE), path.at(MIN_TS + 2 * HOUR))
    assert low == 80.0 and high == max(opened, *path.values[1:25])


def test_who_follows_moves_by_its_beta_and_ends_at_its_price():
    path = through(KNOTS, ((MIN_TS, 5 * MINUTE),), lambda ts: 0.0, Random(1))
    other = follow(path, Asset("X", 9.0, 2, 2.0, 0.0, 1e3, 0.0, 1e6), Random(2))
    assert other.values[-1] == pytest.approx(9.0)
    assert other.at(MIN_TS + HOUR) == pytest.approx(9.0 * (80 / 90) ** 2)


def test_a_line_between_knots():
    assert [at(KNOTS, MIN_TS + ago) for ago in (-1, 0, HOUR // 2, 2 * HOUR, 9 * HOUR)] == [100, 100, 90, 85, 90]


def test_events_out_of_order_or_after_the_end_are_no_timeline():
    early, late = (Ticker(ts=MIN_TS + n, venue="v", symbol="A/B:B", last=1.0) for n in (1, 2))
    assert list(Reconstruction("", MIN_TS, MIN_TS, MIN_TS + 2, [early, late]).events()) == [early, late]
    for events, end in (([late, early], 2), ([early, late], 1)):
        with pytest.raises(ValueError, match="out of order"):
            Reconstruction("", MIN_TS, MIN_TS, MIN_TS + end, events)


def test_a_day_that_nobody_reconstructed():
    with pytest.raises(KeyError):
        reconstruct("1929-10-29")


def test_statuses_count_what_came_by_then():
    from deskmon.feeds.demo.reconstructions.status import statuses

    events = [Ticker(ts=MIN_TS + n * 20_000, venue="v", symbol="A/B:B", last=1.0) for n in range(4)]
    found = statuses(["v", "w"], events, MIN_TS, MIN_TS + MINUTE)
    assert all(type(status) is FeedStatus for status in found)
    assert [(s.feed, s.ts - MIN_TS, s.events, s.last_event) for s in found] == [
        ("v", 0, 1, MIN_TS), ("w", 0, 0, None), ("v", MINUTE, 4, MIN_TS + MINUTE), ("w", MINUTE, 0, None),
    ]  # fmt: skip
