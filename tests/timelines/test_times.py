"""How people write moments and lengths of time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.errors import UsageError
from deskmon.timeline import parse_duration, parse_time
from tests.timelines.builders import T0

NOW = T0 + 90 * 60_000
"""Half past one on a Monday."""
FORMS = {
    "2026-01-05T12:00:00Z": T0,
    "2026-01-05t12:00:00z": T0,
    "2026-01-05 12:00": T0,
    "2026-01-05T13:00:00+01:00": T0,
    "2026-01-05T12:00:00.250Z": T0 + 250,
    "2026-01-05": T0 - 12 * 3_600_000,
    " 1767614400000 ": T0,
    "+0": T0,
    "+15m": T0 + 900_000,
    "+1h30m": T0 + 5_400_000,
    "+1.5h": T0 + 5_400_000,
    "+250ms": T0 + 250,
    "+2D": T0 + 172_800_000,
    "now": NOW,
    "2h ago": NOW - 7_200_000,
    "1h30m  ago": NOW - 5_400_000,
    "13:05": T0 + 65 * 60_000,
    "13:05:09z": T0 + 65 * 60_000 + 9_000,
    "14:05": T0 + 125 * 60_000 - 86_400_000,
    "9:00": T0 - 3 * 3_600_000,
    "today": T0 - 12 * 3_600_000,
    "Today 9:00": T0 - 3 * 3_600_000,
    "yesterday 21:00": T0 - 15 * 3_600_000,
    "yesterday": T0 - 36 * 3_600_000,
    "monday": T0 - 12 * 3_600_000,
    "monday 13:30": T0 + 90 * 60_000,
    "monday 13:31": T0 + 91 * 60_000 - 7 * 86_400_000,
    "sunday 23:00": T0 - 13 * 3_600_000,
    "tuesday": T0 - 12 * 3_600_000 - 6 * 86_400_000,
}


@pytest.mark.parametrize(("text", "expected"), FORMS.items())
def test_moments(text, expected):
    assert parse_time(text, T0, NOW) == expected


def test_a_time_of_day_before_a_market_that_goes_on_is_that_of_the_next_day_where_it_is_nearer():
    later = {"14:05": T0 + 125 * 60_000, "23:00": T0 + 11 * 3_600_000}
    assert {text: parse_time(text, T0, NOW, ahead=True) for text in later} == later
    for text in ("9:00", "11:59", "13:05", "2h ago", "yesterday 21:00", "monday", "sunday 23:00", "2026-01-05", "now"):
        assert parse_time(text, T0, NOW, ahead=True) == parse_time(text, T0, NOW)


@pytest.mark.parametrize(
    "text",
    [
        *("", "noon", "15m", "+", "+15", "+m", "1767614400", "99999999999999", "2026-13-01", "+9999999d"),
        *("ago", "5 ago", "24:00", "12:60", "moonday", "monday12:00", "monday noon", "12:00 monday", "9999999d ago"),
    ],
)
def test_what_is_no_moment_is_an_error_with_a_remedy(text):
    with pytest.raises(UsageError) as caught:
        parse_time(text, T0, NOW)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("text", "ms"), [("90s", 90_000), ("10m", 600_000), ("1h30m", 5_400_000), ("0.5s", 500), ("7d", 604_800_000)]
)
def test_lengths_of_time(text, ms):
    assert parse_duration(text) == ms


@pytest.mark.parametrize("text", ["", "10", "m", "-5m", "5 minutes", "0s", "1e3s", "10mm m", "9" * 400 + "d"])
def test_what_is_no_length_of_time_is_an_error(text):
    with pytest.raises(UsageError):
        parse_duration(text)


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_a_usage_error(text):
    for parse in (parse_duration, lambda text: parse_time(text, T0, NOW)):
        try:
            assert isinstance(parse(text), int)
        except UsageError:
            continue
