"""Levels of recorded markets: those that docs/metrics/levels-recorded.md shows beside their charts."""

from pathlib import Path

import pytest

from deskmon.analytics.level_settings import LevelSettings
from deskmon.analytics.levels import level_map
from deskmon.clock import HOUR
from tests.levels.builders import EMPTY, RECORDED, august_2024, october_2025
from tests.levels.page import END_OF_5_AUGUST, NOON_10_OCTOBER, august, october

PAGE = (Path(__file__).parents[2] / "docs" / "metrics" / "levels-recorded.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded data: set DESKMON_RECORDED")


def levels(hours, days):
    return level_map(hours, days, hours, HOUR, LevelSettings()).levels


def at(found, price):
    return next(level for level in found if level.zone.low <= price <= level.zone.high)


def test_the_page_shows_what_is_found_before_the_crash_of_october_2025():
    found = levels(october_2025(NOON_10_OCTOBER), EMPTY)
    assert f"```\n{october()}\n```" in PAGE
    top, line, low = at(found, 126_000), at(found, 120_000), at(found, 109_000)
    assert "ATH" in top.zone.sources and not top.standing.above
    assert line.standing.status == "testing" and {"round", "VAH", "day low"} <= set(line.zone.sources)
    assert low.standing.above and "VAL" in low.zone.sources


def test_the_crash_breaks_what_it_closes_beyond_and_nothing_that_a_wick_ran_through():
    found = levels(october_2025(NOON_10_OCTOBER + 11 * HOUR), EMPTY)
    status = {
        price: at(found, price).standing.status for price in (120_000, 118_000, 116_000, 109_000, 108_300, 107_500)
    }
    assert [status[price] for price in (120_000, 118_000, 116_000)] == ["broken"] * 3
    assert [status[price] for price in (109_000, 108_300, 107_500)] == ["holding"] * 3
    since = [at(found, price).standing.since for price in (120_000, 118_000, 116_000)]
    assert since == sorted(since) and since[0] > NOON_10_OCTOBER and since[-1] == NOON_10_OCTOBER + 9 * HOUR


def test_the_page_shows_what_is_found_after_the_fall_of_august_2024():
    found = levels(*august_2024(END_OF_5_AUGUST))
    assert f"```\n{august()}\n```" in PAGE
    status = {price: at(found, price).standing.status for price in (50_000, 53_500, 57_200, 60_000, 64_000)}
    assert status == {50_000: "holding", 53_500: "reclaimed", 57_200: "broken", 60_000: "flipped", 64_000: "broken"}
