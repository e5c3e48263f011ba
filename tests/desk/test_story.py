"""The moments of a market: keys jump between them, a tour walks through them, their words fit."""

from __future__ import annotations

import pytest

from deskmon.clock import HOUR
from deskmon.components.panel import Command
from deskmon.components.text import line_width
from deskmon.desk.keys import KeyMap
from deskmon.desk.status import Status
from deskmon.desk.story import TOLD_S, TOUR_S, Story
from deskmon.feeds.demo import DemoFeed
from deskmon.feeds.demo.reconstructions import DAYS, reconstruct
from deskmon.timeline import Moment

START = 1_780_000_000_000
MOMENTS = tuple(Moment(START + hour * HOUR, f"at {hour}", f"what happens at {hour}") for hour in (1, 2, 3))


class Watch:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch():
    return Watch()


def status(now: int = START, **told) -> Status:
    return Status(name="", symbol="BTC", now=now, mode="demo", controls=True, **told)


def seeks(hour: int) -> Command:
    return Command("seek", START + hour * HOUR)


def shown(story: Story, width: int = 120) -> str:
    line = story.footer(KeyMap({}), width)
    assert line_width(line) == width
    return "".join(text for text, _ in line)


def test_keys_jump_from_where_the_market_is_and_stop_at_both_ends(watch):
    story = Story(MOMENTS, perf=watch)
    assert story.jump(1, status(START + HOUR + 1)) == seeks(2)
    assert "2/3 at 2 what happens at 2" in shown(story) and shown(story).endswith(" } next ")
    assert [story.jump(step, status()) for step in (1, 1, -1, -1, -1)] == [seeks(n) for n in (3, 3, 2, 1, 1)]
    assert Story(MOMENTS, perf=watch).jump(-1, status(START + 2 * HOUR + 1)) == seeks(2)
    assert Story(MOMENTS, perf=watch).jump(-1, status(START + 2 * HOUR)) == seeks(1), "it stands at its start already"
    assert Story(MOMENTS, perf=watch).jump(1, status(START + 2 * HOUR)) == seeks(3)


def test_words_go_after_a_while_and_not_while_the_market_is_on_its_way(watch):
    story = Story(MOMENTS, perf=watch)
    story.jump(1, status())
    watch.now += TOLD_S + 1
    assert story.tick(status(seeking=True)) is None and story.told is MOMENTS[0]
    watch.now += TOLD_S + 1
    story.tick(status())
    assert story.told is None


@pytest.mark.parametrize(("elsewhere", "stay"), [(1, False), (2.5, True), (3.5, False)])
def test_words_go_where_the_desk_goes_to_the_time_of_another_moment(watch, elsewhere, stay):
    story = Story(MOMENTS, perf=watch)
    story.jump(1, status(START + HOUR + 1))
    story.tick(status(START + HOUR + 2))
    assert story.told is MOMENTS[1], "the hub is still to seek"
    story.tick(status(START + 2 * HOUR))
    story.tick(status(round(START + elsewhere * HOUR)))
    assert (story.told is MOMENTS[1]) == stay


def test_a_tour_walks_through_all_and_stands_while_it_is_paused(watch):
    story, asked = Story(MOMENTS, on_tour=True, perf=watch), []
    for _ in range(9):
        asked.append(story.tick(status()))
        watch.now += TOUR_S / 2 + 0.1
        asked.append(story.tick(status(paused=True)))
        watch.now += TOUR_S / 2 - 0.2
        asked.append(story.tick(status()))
        watch.now += 0.2
    assert [each for each in asked if each is not None] == [seeks(1)]
    walked = []
    for _ in range(12):
        watch.now += TOUR_S / 2 + 0.1
        walked.append(story.tick(status()))
    assert [each for each in walked if each is not None] == [seeks(2), seeks(3)]
    assert not story.on_tour


def test_the_footer_has_its_keys_again_once_a_tour_has_told_its_last_moment(watch):
    story = Story(MOMENTS, on_tour=True, perf=watch)
    told = []
    for _ in range(5):
        story.tick(status())
        told.append(story.told)
        watch.now += TOUR_S + 0.1
    assert told == [*MOMENTS, None, None] and not story.on_tour


def test_a_tour_is_over_where_its_market_was_played_to_the_end_and_not_where_it_is_held(watch):
    story = Story(MOMENTS, on_tour=True, perf=watch)
    story.tick(status())
    watch.now += TOUR_S + 0.1
    assert story.tick(status(paused=True, ends=START + 4 * HOUR)) is None and story.told is MOMENTS[0]
    watch.now += TOUR_S + 0.1
    assert story.tick(status(START + 4 * HOUR, paused=True, ends=START + 4 * HOUR)) is None
    assert not story.on_tour and story.told is None


def test_a_key_ends_the_tour_and_another_market_has_no_moments(watch):
    story = Story(MOMENTS, on_tour=True, perf=watch)
    story.tick(status())
    assert story.jump(1, status()) == seeks(2) and not story.on_tour
    assert "reconstruction" in str(Story().jump(1, status()))
    assert "reconstruction" in str(story.jump(1, Status(name="", symbol="BTC", now=START, mode="live")))


@pytest.mark.parametrize("name", DAYS)
def test_the_moments_of_each_reconstruction_are_in_order_and_their_words_fit_120_columns(name):
    moments = DemoFeed("demo", DemoFeed.Options(name=name)).moments()
    assert 5 <= len(moments) <= 9 and len(moments) * TOUR_S <= 120
    assert [moment.at for moment in moments] == sorted({moment.at for moment in moments})
    story = Story(moments)
    for moment in moments:
        story.jump(1, status(moment.at - 1))
        assert story.told is moment
        assert moment.name in shown(story) and moment.text in shown(story)


def test_moments_lie_within_the_market():
    timeline = reconstruct("2026-01-29")
    moments = DemoFeed("demo", DemoFeed.Options(name="2026-01-29")).moments()
    assert all(timeline.start < moment.at <= timeline.end for moment in moments)
