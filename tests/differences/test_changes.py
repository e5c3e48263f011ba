"""How much a figure usually changes, against pandas: the same grid, the same changes, the same standard deviation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskmon.analytics.changes import LEAST, grid, levels, usual, window_sums
from deskmon.clock import DAY, HOUR, MINUTE
from tests.differences.by_pandas import held

UNTIL = 1_763_726_400_000


@settings(deadline=None)
@given(
    gaps=st.lists(st.integers(1, 400), min_size=2, max_size=120),
    seed=st.integers(0, 2**32 - 1),
    length=st.integers(1, 600), step=st.integers(1, 60), hold=st.integers(1, 500), after=st.integers(0, 300),
    relative=st.booleans(),
)  # fmt: skip
def test_sigma_is_that_of_pandas_for_any_series(gaps, seed, length, step, hold, after, relative):
    times = [UNTIL - after - sum(gaps[n:]) for n in range(len(gaps))]
    values = np.random.default_rng(seed).uniform(1, 2, len(times))
    until = UNTIL
    points = grid(length, step, times[0], until)
    if length < step or until - times[0] < length:
        assert points is None
        return
    found = usual(levels(times, values, points.points, hold=hold), points.steps, relative=relative)
    slow = held(list(zip(times, values, strict=True)), step, hold, relative=relative).measured(length, until)
    if slow is None:
        assert found is None
    else:
        assert (found.n, found.mean) == (slow.n, pytest.approx(slow.mean))
        assert found.sigma == (pytest.approx(slow.sigma) if slow.n >= LEAST and slow.sigma else None)


@given(
    events=st.lists(st.tuples(st.integers(0, 1_000), st.floats(0, 1e6)), max_size=60), window=st.integers(1, 400),
    points=st.lists(st.integers(-100, 1_500), max_size=20),
)  # fmt: skip
def test_window_sums_are_those_of_a_loop(events, window, points):
    events.sort()
    found = window_sums(
        [t for t, _ in events], [usd for _, usd in events], np.array(sorted(points), int), window=window
    )
    slow = [sum(usd for ts, usd in events if point - window < ts <= point) for point in sorted(points)]
    assert found == pytest.approx(slow, abs=1e-3)


def test_what_is_coarser_than_the_change_or_shorter_than_thirty_tells_no_sigma():
    assert grid(MINUTE, HOUR, 0, DAY) is None and grid(DAY, HOUR, UNTIL - HOUR, UNTIL) is None
    few = usual(np.arange(LEAST + 0.0), 1)
    assert (few.n, few.sigma) == (LEAST - 1, None)
    still = usual(np.ones(100), 1)
    assert (still.n, still.sigma) == (99, None)
