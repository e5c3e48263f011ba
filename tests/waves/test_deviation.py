"""The quick median deviation is the plain one."""

from hypothesis import given
from hypothesis import strategies as st

from deskmon.analytics.baseline import median_deviation


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40).map(sorted))
def test_it_equals_sorting_the_distances(ordered):
    middle = len(ordered) // 2
    assert median_deviation(ordered) == sorted(abs(value - ordered[middle]) for value in ordered)[middle]
