"""How a published figure is found in a report: its words and its value stand together."""

from __future__ import annotations

import pytest

from tests.report.published import NAMES, Stated, missing, rows, statements

REPORT = """# BTC, ETH: 2026-01-26 to 2026-01-30

## Headlines

Headlines:

| when | headline |
| --- | ---: |
| Thu 2026-01-29 | Bitcoin funds lose 817.9M |

Sources:

- 2026-01-30 12:00Z, others: `headlines`

## Flows of funds

BTC funds had a net flow of −817\\.90M on Thu 29 Jan 2026: the largest daily outflow since 2025-11-20.

ETH fell by −5.2%.

BTC funds by day, USD:

| day | net flow |
| --- | ---: |
| Tue 27 Jan 2026 | −147.40M |
| Wed 28 Jan 2026 | −19.60M &#124; preliminary |

Sources:

- 2026-01-30 12:00Z, farside: `flows.BTC.day_usd`
- until 2026-02-01 12:00Z: `flows.BTC.recent`

Net flow by day:

- Lowest 2026-01-29 at −817.90M
"""


def test_the_statements_of_a_report_are_its_own_sentences_and_cells_without_headlines_and_sources():
    assert list(statements(REPORT)) == [
        "BTC, ETH: 2026-01-26 to 2026-01-30", "Flows of funds",
        "BTC funds had a net flow of −817.90M on Thu 29 Jan 2026: the largest daily outflow since 2025-11-20.",
        "ETH fell by −5.2%.", "BTC funds by day, USD:",
        "BTC funds by day, USD: Tue 27 Jan 2026, day: Tue 27 Jan 2026",
        "BTC funds by day, USD: Tue 27 Jan 2026, net flow: −147.40M",
        "BTC funds by day, USD: Wed 28 Jan 2026, day: Wed 28 Jan 2026",
        "BTC funds by day, USD: Wed 28 Jan 2026, net flow: −19.60M | preliminary",
        "Net flow by day:", "- Lowest 2026-01-29 at −817.90M",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "published", "found"),
    [
        (["BTC", "funds", "Thu|Thursday"], "-817.9M", True), (["BTC", "funds"], "-817.8M", False),
        (["BTC", "Wed"], "-19.6M", True), (["BTC", "Tue"], "-19.6M", False),
        (["BTC", "largest"], "2025-11", True), (["BTC", "largest"], "2025-12", False), (["BTC"], "2026-02", False),
        (["ETH"], "-5.2%", True), (["ETH"], "-5.2", False), (["ETH"], "below 0%", True), (["ETH"], "above 0", False),
        (["BTC", "net"], "outflow", True), (["BTC", "net"], "inflow", False), (["sold"], "-817.9M", False),
    ],
)  # fmt: skip
def test_a_figure_is_found_where_its_words_and_its_value_stand_together(words, published, found):
    assert (missing([Stated("", words, published)], list(statements(REPORT))) == []) is found


@pytest.mark.parametrize(
    ("words", "published", "statement", "found"),
    [
        (["yield"], "above 0", "The US 10-year yield is 4.11, +3 bp in 24 h.", True),
        (["yield"], "above 0", "The US 10-year yield is 4.11, −3 bp in 24 h.", False),
        (["held", "days"], "155", "Coins held for less than 155 days.", True),
        (["held"], "155", "Coins held for less than 155 days.", False),
        (["first sale", "years"], "3.0 to 4.0", "Its first sale in 3.4 years.", True),
        (["together"], "nearly -1B", "Both together −973.50M.", True),
        (["together"], "nearly -1B", "Both together +973.50M.", False),
        (["cap"], "just above 2T", "The market cap is 2.04T.", True),
        (["loans"], "-40% to -35%", "WETH loans −38.0%.", True), (["loans"], "-40% to -35%", "WETH loans −42%.", False),
        (["ETH"], "5%", "All together 5%.", False),
        (["support"], "60,000", "Levels of BTC: 59,577 support, zone: 59,072 to 60,226", True),
        (["support"], "61,000", "Levels of BTC: 59,577 support, zone: 59,072 to 60,226", False),
        (["support"], "60,000", "Levels of BTC: 59,577 support, zone: 55,000 to 64,000", False),
    ],
)  # fmt: skip
def test_units_signs_and_lengths_of_time_are_told_apart(words, published, statement, found):
    assert Stated("", words, published).is_in(statement) is found


@pytest.mark.parametrize("name", NAMES)
def test_each_frozen_figure_has_its_words_and_a_label_of_its_own(name):
    stated = rows(name)
    assert len({each.label for each in stated}) == len(stated) > 20
    assert all(each.words and all(each.words) and each.published for each in stated)
