"""How extreme the newest value of a series is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deskmon.analytics.since import standing

series = st.lists(st.integers(-20, 20).map(float), min_size=1, max_size=80)


@given(series)
def test_standing_against_plain_counting(values):
    times = [1_000 + 10 * at for at in range(len(values))]
    found = standing(times, values)
    newest, earlier = values[-1], values[:-1]
    below, above = (sum(value < newest for value in values), sum(value > newest for value in values))
    assert found.n == len(values) and found.first == 1_000
    assert found.extreme == ("high" if below >= above else "low")
    if len(values) < 30:
        assert found.rank is None and found.percentile is None
    else:
        assert found.percentile == 100 * below / len(values)
        low, high = min(values), max(values)
        assert found.rank == (None if low == high else 100 * (newest - low) / (high - low))
    reached = [time for time, value in zip(times, earlier, strict=False)
               if (value >= newest if found.extreme == "high" else value <= newest)]  # fmt: skip
    assert found.since == (reached[-1] if reached else None)


def test_by_hand():
    """Thirty days: 60 rising by one to 88, then 75: 15 lower values of 30 are the 50th percentile, the rank is
    (75 − 60) / (88 − 60) = 53.6, and it was as high the day before."""
    values = [60.0 + day for day in range(29)] + [75.0]
    found = standing(list(range(30)), values)
    assert (found.percentile, round(found.rank, 1), found.since, found.extreme) == (50.0, 53.6, 28, "high")


def test_of_nothing_there_is_nothing_to_say():
    assert standing([], []) is None
    assert standing([5], [1.0]).since is None
