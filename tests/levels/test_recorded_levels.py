"""Levels of recorded markets: those that docs/metrics.md shows beside their charts."""

import re
from pathlib import Path

import pytest

from deskmon.analytics.level_settings import LevelSettings
from deskmon.analytics.levels import level_map
from deskmon.clock import HOUR
from tests.levels.builders import EMPTY, RECORDED, august_2024, october_2025

PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
NOON_10_OCTOBER = 1_760_097_600_000
END_OF_5_AUGUST = 1_722_902_400_000

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded data: set DESKMON_RECORDED")


def levels(hours, days):
    return level_map(hours, days, hours, HOUR, LevelSettings()).levels


def at(found, price):
    return next(level for level in found if level.zone.low <= price <= level.zone.high)


def shown(found):
    """As the page writes them: price, status, zone."""
    for level in found:
        zone = f"{level.zone.low:,.0f}–{level.zone.high:,.0f}"
        yield rf" {level.zone.price:,.0f} (sup|res) +{level.zone.score:.1f} {level.standing.status} .*{re.escape(zone)}"


def test_the_page_shows_what_is_found_before_the_crash_of_october_2025():
    found = levels(october_2025(NOON_10_OCTOBER), EMPTY)
    inside = [level for level in found if 103_000 < level.zone.price < 127_000]
    assert len(inside) >= 14 and all(re.search(words, PAGE) for words in shown(inside))
    top, line, low = at(found, 126_000), at(found, 120_000), at(found, 109_000)
    assert "ATH" in top.zone.sources and not top.standing.above
    assert line.standing.status == "testing" and {"round", "VAH", "day low"} <= set(line.zone.sources)
    assert low.standing.above and "VAL" in low.zone.sources


def test_the_crash_breaks_what_it_closes_beyond_and_nothing_that_a_wick_ran_through():
    found = levels(october_2025(NOON_10_OCTOBER + 11 * HOUR), EMPTY)
    status = {
        price: at(found, price).standing.status for price in (120_000, 118_000, 114_800, 109_000, 107_500, 106_000)
    }
    assert [status[price] for price in (120_000, 118_000, 114_800)] == ["broken"] * 3
    assert [status[price] for price in (109_000, 107_500, 106_000)] == ["holding"] * 3
    since = [at(found, price).standing.since for price in (120_000, 118_000, 114_800)]
    assert since == sorted(since) and since[0] > NOON_10_OCTOBER and since[-1] == NOON_10_OCTOBER + 10 * HOUR


def test_the_page_shows_what_is_found_after_the_fall_of_august_2024():
    found = levels(*august_2024(END_OF_5_AUGUST))
    inside = [level for level in found if 48_000 < level.zone.price < 70_000]
    assert len(inside) >= 6 and all(re.search(words, PAGE) for words in shown(inside))
    status = {price: at(found, price).standing.status for price in (50_000, 53_500, 57_000, 60_000, 64_600)}
    assert status == {50_000: "holding", 53_500: "reclaimed", 57_000: "broken", 60_000: "flipped", 64_600: "broken"}
