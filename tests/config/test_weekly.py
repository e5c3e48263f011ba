"""Moments of every week, against a walk through the minutes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import DAY, MINUTE
from deskmon.weekly import DAYS, WeeklyTime, parse_weekly

START = round(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000)
FRIDAY = round(datetime(2026, 1, 9, 21, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize("text", ["friday 21:00", "Friday  21:00 UTC", " friday 21:00 utc"])
def test_a_time_of_a_week_is_read(text: str) -> None:
    assert parse_weekly(text).newest(FRIDAY) == FRIDAY
    assert parse_weekly(text).next(FRIDAY) == FRIDAY + 7 * DAY
    assert parse_weekly(text).newest(FRIDAY - 1) == FRIDAY - 7 * DAY


def test_daily_is_every_day() -> None:
    daily = parse_weekly("daily 07:30 UTC")
    assert daily.next(FRIDAY) - daily.newest(FRIDAY) == DAY
    assert daily.newest(FRIDAY) == FRIDAY - 13 * 60 * MINUTE - 30 * MINUTE


@pytest.mark.parametrize(
    "text", ["", "friday", "21:00", "friday 24:00", "freitag 21:00", "friday 9:00 CET", "friday 21:60"]
)
def test_what_is_no_time_of_a_week_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="friday 21:00 UTC"):
        parse_weekly(text)


@given(st.sampled_from([None, *range(7)]), st.integers(0, 1439), st.integers(0, 20 * DAY))
def test_newest_and_next_are_those_that_a_walk_finds(weekday: int | None, minute: int, after: int) -> None:
    now, at = START + after, WeeklyTime(weekday, minute * MINUTE)
    words = f"{'daily' if weekday is None else DAYS[weekday]} {minute // 60:02}:{minute % 60:02}"
    assert parse_weekly(words) == at
    days = range(now - now % DAY - 8 * DAY, now + 9 * DAY, DAY)
    found = [
        day + minute * MINUTE
        for day in days
        if weekday is None or datetime.fromtimestamp(day / 1000, UTC).weekday() == weekday
    ]
    assert at.newest(now) == max(each for each in found if each <= now)
    assert at.next(now) == min(each for each in found if each > now)
