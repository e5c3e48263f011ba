"""How extreme the newest value of a series is."""

from __future__ import annotations

from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from deskmon.analytics.since import Earlier, standing
from deskmon.clock import DAY
from deskmon.components.since import flow_words, since_note, since_phrase
from deskmon.model.figures import Since

series = st.lists(st.integers(-20, 20).map(float), min_size=1, max_size=80)
MIDNIGHT = 1_770_336_000_000
"""2026-02-06."""


@given(series)
def test_standing_against_plain_counting(values):
    times = [1_000 + 10 * at for at in range(len(values))]
    found = standing(times, values)
    newest, earlier = values[-1], values[:-1]
    below, above = (sum(value < newest for value in values), sum(value > newest for value in values))
    assert found.n == len(values) and found.history_from == 1_000
    assert found.extreme == ("high" if below >= above else "low")
    if len(values) < 30:
        assert found.rank is None and found.percentile is None
    else:
        assert found.percentile == 100 * below / len(values)
        low, high = min(values), max(values)
        assert found.rank == (None if low == high else (newest - low) / (high - low) * 100)
    reached = [time for time, value in zip(times, earlier, strict=False)
               if (value >= newest if found.extreme == "high" else value <= newest)]  # fmt: skip
    assert found.last == (reached[-1] if reached else None)


def test_the_highest_has_the_rank_of_a_hundred_whatever_is_divided():
    earlier = Earlier([at * DAY for at in range(40)], [30.1 + 0.7 * at for at in range(40)])
    found = [earlier.standing(41 * DAY, 60.0 + at / 100) for at in range(1_000)]
    assert {each.rank for each in found} == {100.0}


@given(series, st.lists(st.integers(-25, 25).map(float), max_size=10))
def test_values_that_are_ordered_once_place_any_newest_one_as_a_whole_series_does(values, newest):
    times = list(range(len(values)))
    earlier = Earlier(times, values)
    for value in newest:
        found = earlier.standing(len(values), value)
        assert found == standing([*times, len(values)], [*values, value])
        middle = median([*values, value])
        assert value == middle or found.extreme == ("high" if value > middle else "low")


def test_by_hand():
    """Thirty days: 60 rising by one to 88, then 75: 15 lower values of 30 are the 50th percentile, the rank is
    (75 − 60) / (88 − 60) = 53.6, and it was as high the day before."""
    values = [60.0 + day for day in range(29)] + [75.0]
    found = standing(list(range(30)), values)
    assert (found.percentile, round(found.rank, 1), found.last, found.extreme) == (50.0, 53.6, 28, "high")


def test_of_nothing_there_is_nothing_to_say():
    assert standing([], []) is None
    assert standing([5], [1.0]) == (None, None, 1, None, 5, "high")
    assert since_phrase(None) == since_note(None, 0) == ""


def test_the_phrase_says_since_when_or_in_how_much_history_and_never_ever():
    worst = Since(rank=0, percentile=0, n=1_200, last=MIDNIGHT - 1_181 * DAY, history_from=0, extreme="low")
    assert since_phrase(worst, ("best 7-day return", "worst 7-day return")) == "worst 7-day return since 2022-11-13"
    unseen = Since(rank=0, percentile=0, n=250, last=None, history_from=MIDNIGHT - 249 * DAY, extreme="low")
    words = flow_words(-1.25e9, "daily")
    assert since_phrase(unseen, words) == "largest daily outflow in 250 days (since 2025-06-02)"
    short = Since(rank=None, percentile=None, n=12, last=None, history_from=MIDNIGHT - 11 * DAY, extreme="low")
    assert since_phrase(short, words) == "largest daily outflow in 12 days of history"
    week = Since(rank=None, percentile=None, n=12, last=MIDNIGHT - 4 * DAY, history_from=0, extreme="low")
    assert since_phrase(week, flow_words(-1.0, "weekly"), "week") == (
        "largest weekly outflow since the week of 2026-02-02"
    )


def test_what_was_as_extreme_last_week_is_not_worth_a_word():
    def at(days, n=100):
        return Since(rank=50, percentile=50, n=n, last=MIDNIGHT - days * DAY, history_from=0, extreme="high")

    assert [since_note(at(days), MIDNIGHT) for days in (1, 7)] == ["", ""]
    assert since_note(at(8), MIDNIGHT, ("high", "low")) == "high since 2026-01-29"
    assert since_note(at(8, n=9), MIDNIGHT) == "", "nine days are no history"
