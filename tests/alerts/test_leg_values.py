"""What a message says that a leg read: never a threshold that the value isn't."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.alerts.legs import parse_leg
from deskmon.alerts.words import beside_its_threshold, leg_unit, written
from deskmon.components.legs import leg_words
from deskmon.events import LegReading

LEGS = (
    "options.BTC.dvol_rank >= 100", "liquidations.windows.5m.usd > 20M", "prices.BTC.last < 85000",
    "funding.BTC.mean_8h < 0.01%", "feeds.bybit.age_ms > 30s", "prices.BTC.change_pct.1h < -3",
    "prices.BTC.last crosses above 85000", "liquidations.windows.1h.count >= 100",
)  # fmt: skip


@given(st.sampled_from(LEGS), st.floats(-1e-4, 1e-4))
def test_a_value_looks_like_its_threshold_only_if_it_is_that(text, apart):
    leg = parse_leg(text)
    [threshold] = leg.operands
    value = threshold * (1 + apart)
    if abs(value - threshold) > 1e-8 * abs(threshold):
        assert beside_its_threshold(value, leg) != beside_its_threshold(threshold, leg)
        near, at = (leg_words(LegReading(text=text, met=None, value=each)).value for each in (value, threshold))
        assert near != at
    if value == threshold:
        assert beside_its_threshold(value, leg) == written(value, leg_unit(leg))


@pytest.mark.parametrize(("text", "value", "said"), [
    ("liquidations.windows.1h.count >= 100", 99.97, "99.97"), ("feeds.bybit.age_ms > 30s", 30_200.0, "30.2s"),
    ("liquidations.windows.5m.usd > 20M", 20_003_000.0, "20,003,000"), ("prices.BTC.last > 85000", 86_000.0, "86,000"),
    ("waves.current.state = building", "building", "building"), ("prices.BTC.last > 85000", None, "—"),
])  # fmt: skip
def test_it_gets_as_many_digits_as_that_takes(text, value, said):
    leg = parse_leg(text)
    assert beside_its_threshold(value, leg) == said
