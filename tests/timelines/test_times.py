"""How people write moments and lengths of time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.errors import UsageError
from deskmon.timeline import parse_duration, parse_time
from tests.timelines.builders import T0

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
}


@pytest.mark.parametrize(("text", "expected"), FORMS.items())
def test_moments(text, expected):
    assert parse_time(text, T0) == expected


@pytest.mark.parametrize(
    "text", ["", "noon", "15m", "+", "+15", "+m", "1767614400", "99999999999999", "2026-13-01", "+9999999d"]
)
def test_what_is_no_moment_is_an_error_with_a_remedy(text):
    with pytest.raises(UsageError) as caught:
        parse_time(text, T0)
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
    for parse in (parse_duration, lambda text: parse_time(text, T0)):
        try:
            assert isinstance(parse(text), int)
        except UsageError:
            continue
