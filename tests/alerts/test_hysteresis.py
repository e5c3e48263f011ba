"""A rule that a key proposed ends beyond its threshold, where it has one."""

from __future__ import annotations

import pytest

from deskmon.alerts.hysteresis import cleared_by
from deskmon.alerts.legs import parse_leg


@pytest.mark.parametrize(
    ("when", "clear"),
    [
        ("prices.BTC.last < 85000", "prices.BTC.last > 85085"),
        ("prices.BTC.last<=85k", "prices.BTC.last > 85085"),
        ("funding.BTC.mean_8h > 0.01%", "funding.BTC.mean_8h < 0.0000999"),
        ("options.BTC.constant_maturity.30d.rr25 < -4.5", "options.BTC.constant_maturity.30d.rr25 > -4.4955"),
        ("prices.BTC.last change_pct 1h < -3", "prices.BTC.last change_pct 1h > -2.997"),
        ("feeds.bybit.age_ms > 30s", "feeds.bybit.age_ms < 29970"),
        ("prices.BTC.last change 1h > 0", ""),
        ("prices.BTC.last crosses above 85000", ""),
        ("prices.BTC.last known", ""),
        ("waves.current.state = building", ""),
    ],
)
def test_it_ends_a_tenth_of_a_percent_back_and_what_is_written_is_a_comparison_again(when, clear):
    assert cleared_by(parse_leg(when)) == clear
    assert not clear or parse_leg(clear).text == clear
