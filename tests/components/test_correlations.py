"""How coefficients and series are written: what stands side by side adds up."""

from __future__ import annotations

import pytest

from deskmon.components.correlations import coefficient, coefficient_change
from deskmon.components.series import series_name


@pytest.mark.parametrize(
    ("r", "before", "shown"),
    [
        (-0.0949, 0.0649, ("−0.09", "+0.06", "−0.15")),
        (0.5049, 0.5051, ("+0.50", "+0.51", "−0.01")),
        (0.301, 0.299, ("+0.30", "+0.30", "+0.00")),
        (-0.004, None, ("+0.00", "—", "—")),
    ],
)
def test_a_change_is_the_difference_of_what_is_shown_and_nothing_is_minus_zero(r, before, shown):
    assert tuple(coefficient(each)[0] for each in (r, before, coefficient_change(r, before))) == shown


@pytest.mark.parametrize(("name", "shown"), [("etf_aum_btc", "BTC ETF assets"), ("supply_eth", "ETH supply")])
def test_a_series_of_an_asset_is_called_by_words(name, shown):
    assert series_name(name) == shown
