"""Every figure that a report published comes out of the desk at its moment: a table per section, walked."""

from __future__ import annotations

import pytest

from tests.markets import reconstructed
from tests.reconstructions.published import NAMES, Row, rows
from tests.reconstructions.where import unknown_figures


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_of_the_section_is_what_was_published(name):
    market, table = reconstructed(name), rows(name)
    found = [(row, row.value(market.read[row.at])) for row in table]
    assert [f"{row.label}: {value} is not {row.published}" for row, value in found if not row.holds(value)] == []
    assert len({(row.label, row.at) for row in table}) == len(table) > 20


@pytest.mark.parametrize("name", NAMES)
def test_each_figure_that_where_names_for_the_section_is_known(name):
    assert unknown_figures(name, reconstructed(name).state) == set()


@pytest.mark.parametrize(
    ("published", "value", "holds"),
    [
        ("-817.9", -817.86, True), ("-817.9", -817.84, False), ("1,250", 1_250.4, True), ("1,250", 1_251, False),
        ("about 40,000", 49_999, True), ("about 40,000", 50_001, False), ("about 1.1", 1.19, True),
        ("just above 60,000", 60_400, True), ("just above 60,000", 59_990, False), ("just above 60,000", 62_000, False),
        ("nearly 3", 2.95, True), ("nearly 3", 3.01, False), ("above 3", 3.01, True), ("above 3", 3.0, False),
        ("below -40", -41.0, True), ("below -40", -39.0, False), ("4.1 to 4.2", 4.249, True),
        ("4.1 to 4.2", 4.26, False), ("-40 to -35", -40.4, True), ("-40 to -35", -34.4, False),
        ("nothing", None, True), ("nothing", 0.0, False),
        ("3", None, False),
    ],
)  # fmt: skip
def test_how_a_figure_is_compared(published, value, holds):
    assert Row("", "prices.BTC.last", published).holds(value) is holds


def test_how_times_and_words_are_compared():
    assert Row("", "open_interest.BTC.peak_ts", "2025-10").holds(1_760_133_600_000)
    assert not Row("", "open_interest.BTC.peak_ts", "2025-11").holds(1_760_133_600_000)
    assert Row("", "levels.BTC[1].status", "broken").holds("broken")
    assert not Row("", "levels.BTC[1].status", "broken").holds("holding")
    several = Row("", "prices.BTC.last + prices.ETH.last / prices.SOL.last", "3")
    assert several.value({"prices.BTC.last": 4.0, "prices.ETH.last": 2.0, "prices.SOL.last": 2.0}) == 3.0
