"""Option chains of the simulated market: known from the first second, fearful in the cascade, whole and seldom."""

from __future__ import annotations

from collections import Counter

import pytest

from deskmon.clock import DAY
from deskmon.events import Option, VolatilityIndex
from deskmon.feeds.demo.simulator import DemoTimeline
from deskmon.feeds.demo.simulator.option_chains import EXPIRIES, STRIKES
from deskmon.feeds.demo.simulator.world import START
from deskmon.model import Model

MARKS = (2, 150, 360)
"""Seconds after the start: calm, cascade, calm again."""


@pytest.fixture(scope="module")
def looks():
    """Figures at each mark, and the model as it was at the first."""
    timeline, model, found, batch = DemoTimeline(7), Model(), [], []
    model.apply([timeline.header])
    marks = [START + seconds * 1000 for seconds in MARKS]
    for event in timeline.events():
        if event.arrival > marks[0]:
            model.apply(batch)
            batch = []
            now = marks.pop(0)
            past = [model.options.term_structure("BTC", now, ago) for ago in (DAY, 7 * DAY)]
            found.append((model.options.figures(now), past))
            if not marks:
                assert model.rejected == 0
                return found
        if isinstance(event, Option | VolatilityIndex):
            batch.append(event)
    raise AssertionError("the demo has no end")


def test_every_figure_is_there_from_the_first_second(looks):
    figures, past = looks[0]
    assert set(figures) == {"BTC", "ETH"}
    for figure in figures.values():
        assert len(figure.expiries) == len(EXPIRIES) and figure.quotes == 2 * STRIKES * len(EXPIRIES)
        assert None not in [each.rr25 for each in figure.expiries]
        assert figure.crossed == figure.expired == 0
        assert figure.dvol_change_24h is not None and figure.since.n >= 360 and figure.dvol_percentile > 50
        assert figure.vix_style_30d == pytest.approx(figure.dvol, abs=5)
        assert figure.gex_usd is not None and figure.age_ms < 10_000
    assert all(structure.atm_30d is not None and structure.rr25_30d is not None for structure in past)


def test_strikes_of_the_week_before_are_neither_in_yesterday_s_skew_nor_left_out_of_today_s(looks):
    for figures, (yesterday, week) in looks:
        assert all(figure.unquoted == 0 for figure in figures.values())
        assert yesterday.rr25_30d - week.rr25_30d == pytest.approx(-1.2, abs=0.6), "fear grew as it was told to"


def test_puts_grow_dear_in_the_cascade_and_less_so_after_it(looks):
    calm, fall, after = (figures["BTC"] for figures, _ in looks)
    skews = [figure.constant_maturity["30d"].rr25 for figure in (calm, fall, after)]
    assert skews[1] < skews[0] - 2 and skews[1] < skews[2] < 0
    assert fall.dvol > calm.dvol + 5 and fall.dvol > after.dvol
    front, back = fall.expiries[0], fall.expiries[-1]
    assert front.atm_iv > back.atm_iv + 3, "the nearest fear most"


def test_chains_come_whole_and_seldom():
    counts = Counter()
    for event in DemoTimeline(3).events():
        if event.arrival > START + 65_000:
            break
        if isinstance(event, Option) and event.arrival > START:
            counts[event.ts, event.underlying] += 1
    assert set(counts.values()) == {2 * STRIKES * len(EXPIRIES)}
    assert len(counts) == 2 * 3, "at the start, then each 30 s"
