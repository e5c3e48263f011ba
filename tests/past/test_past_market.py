"""Markets of the past: their events between two moments, and figures over time, each as `deskmon state` has it."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.analytics.level_settings import Pinned
from deskmon.cli.timeline_model import model_at
from deskmon.clock import HOUR, MINUTE, SECOND
from deskmon.config.schema import Config, FeedConfig
from deskmon.errors import UsageError
from deskmon.events import PinnedLevel, encode_event
from deskmon.journal import segments
from deskmon.model.figure_path import parse
from deskmon.past import PastMarket, Span, sample
from deskmon.past.market import INTO_ENDLESS
from deskmon.past.sampling import folded
from tests.timelines.builders import HEADER, T0, header_line, ticker
from tests.timelines.damage import market
from tests.timelines.folders import write_folder

SECONDS = market(60)
EVENTS = [event for second in SECONDS for event in second]
FIGURES = [
    "prices.BTC.last", "prices.BTC.age_ms", "liquidations.windows.1m.usd", "funding.BTC.mean_8h", "waves.current.usd",
    'depth.BTC.bands."1".bid_usd', "mode",
]  # fmt: skip
RULES = {"rules": {"dear": {"when": "prices.BTC.last > 65000"}}}


def desk(path, **changes):
    return Config(feeds={"replay": FeedConfig(type="replay", options={"path": str(path)})}, **changes)


def demo():
    return Config(feeds={"demo": FeedConfig(type="demo", options={})})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("past")
    header = msgspec.structs.replace(HEADER, started=EVENTS[0].arrival)
    write_folder(made, SECONDS, each=10, checkpoint_every=3, header=header)
    return made


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("past") / "desk.jsonl"
    path.write_bytes(header_line(started=EVENTS[0].arrival) + b"".join(encode_event(each) + b"\n" for each in EVENTS))
    return path


@pytest.mark.parametrize("kind", ["folder", "file"])
@given(start=st.integers(-2_000, 62_000), length=st.integers(0, 62_000))
def test_the_events_of_a_span_are_those_that_arrived_within_it(folder, file, kind, start, length):
    past = PastMarket(desk(folder if kind == "folder" else file))
    span = Span(T0 + start, T0 + start + length)
    assert list(past.events(span)) == [each for each in EVENTS if span.start <= each.arrival <= span.end]


def test_of_a_folder_only_segments_of_the_span_are_opened(folder, tmp_path):
    """All others could as well be full of rubbish."""
    copy = tmp_path / "copy"
    copy.mkdir()
    for segment in segments(folder):
        is_of_it = segment.number == 3
        (copy / segment.path.name).write_bytes(segment.path.read_bytes() if is_of_it else b"rubbish")
    (first := segments(copy)[0]).path.write_bytes(segments(folder)[0].path.read_bytes())  # the header is its
    (last := segments(copy)[-1]).path.write_bytes(segments(folder)[-1].path.read_bytes())  # and this is the end
    assert (first.number, last.number) == (1, 6)
    past = PastMarket(desk(copy))
    span = Span(T0 + 22 * SECOND, T0 + 28 * SECOND)
    assert list(past.events(span)) == [each for each in EVENTS if span.start <= each.arrival <= span.end]
    assert past.timeline.report.faults == 0


def as_sampled_and_as_the_state_says(path, figures):
    """Each of the figures at several moments, and the same as `deskmon state --at` has it."""
    config = desk(path, alerts=msgspec.convert(RULES, type(Config().alerts)))
    paths = [parse(text) for text in figures]
    found = list(sample(PastMarket(config), paths, Span(T0 + 7_000, T0 + 59_000), 7_000))
    assert [each.ts for each in found] == list(range(T0 + 7_000, T0 + 59_001, 7_000))
    said = [
        tuple(path.read(model, now) for path in paths) for model, now in (model_at(config, each.ts) for each in found)
    ]
    return [each.values for each in found], said


def test_each_sample_of_a_folder_is_what_the_state_says_at_that_moment(folder):
    sampled, said = as_sampled_and_as_the_state_says(folder, FIGURES)
    assert sampled == said and None not in {values[0] for values in said}


def test_after_a_long_step_a_sample_begins_from_a_checkpoint_and_is_the_same(folder, monkeypatch):
    opened = []

    class Counted(PastMarket):
        def opening(self, at):
            opened.append(at)
            return super().opening(at)

    monkeypatch.setattr("deskmon.past.sampling.LONG_STEP", 1)
    monkeypatch.setitem(globals(), "PastMarket", Counted)
    test_each_sample_of_a_folder_is_what_the_state_says_at_that_moment(folder)
    assert len(opened) > 2, "no checkpoint was taken"


def test_each_sample_of_a_file_is_that_too(file):
    sampled, said = as_sampled_and_as_the_state_says(file, FIGURES)
    assert sampled == said and None not in {values[0] for values in said}


def test_rules_are_judged_on_the_way(file):
    config = desk(file, alerts=msgspec.convert(RULES, type(Config().alerts)))
    paths = [parse("prices.BTC.last"), parse("alerts.dear.state")]
    found = [each.values for each in sample(PastMarket(config), paths, Span(T0 + SECOND, T0 + 59 * SECOND), SECOND)]
    assert [state for _, state in found] == ["firing" if price > 65_000 else "ok" for price, _ in found]
    assert {state for _, state in found} == {"ok", "firing"}
    untouched = sample(PastMarket(config, judge=False), paths[1:], Span(T0 + SECOND, T0 + 59 * SECOND), 29 * SECOND)
    assert {each.values for each in untouched} == {(None,)}


def test_rules_that_are_looked_at_in_the_end_alone_stand_then_as_the_state_says(file):
    config, looked = desk(file, alerts=msgspec.convert(RULES, type(Config().alerts))), T0 + 58 * SECOND
    (_, early), (_, last) = (
        (ts, model.figures("alerts", ts))
        for ts, model in folded(PastMarket(config), [T0 + SECOND, looked], judge=True, looked_at=looked)
    )
    model, now = model_at(config, looked)
    assert last == model.figures("alerts", now) != early


def test_steps_within_a_silence_and_after_the_last_event_have_their_samples_too(tmp_path):
    path = tmp_path / "two.jsonl"
    path.write_bytes(header_line() + b"".join(encode_event(ticker(T0 + at, last=at + 1.0)) + b"\n" for at in (0, HOUR)))
    ages = parse("prices.BTC.age_ms")
    found = [
        (each.ts - T0, *each.values)
        for each in sample(PastMarket(desk(path)), [ages], Span(T0, T0 + 2 * HOUR), HOUR // 2)
    ]
    assert found == [(0, 0), (HOUR // 2, HOUR // 2), (HOUR, 0), (3 * HOUR // 2, HOUR // 2), (2 * HOUR, HOUR)]
    with pytest.raises(ValueError, match="no step"):
        sample(PastMarket(desk(path)), [ages], Span(T0, T0), 0)


def test_a_model_begins_with_the_pins_of_the_configuration_too(file, folder):
    pins = (Pinned(symbol="BTC/USDT:USDT", price=61_000.0, label="mine"),)
    for path in (file, folder):
        past = PastMarket(desk(path, levels=msgspec.structs.replace(Config().levels, pins=pins)))
        *_, last = past.opening(T0 + MINUTE).known
        assert (type(last), last.label, last.edges) == (PinnedLevel, "mine", (61_000.0, 61_000.0))


def test_an_embedded_market_is_one_too_and_without_end_its_first_minutes_are_taken():
    past = PastMarket(demo())
    start = past.timeline.start
    assert past.whole == past.span() == Span(start, start + INTO_ENDLESS)
    events = list(past.events(past.span(until="+2s")))
    assert events and all(start <= each.arrival <= start + 2 * SECOND for each in events)
    [before, after] = sample(past, [parse("prices.BTC.last")], Span(start, start + 2 * SECOND), 2 * SECOND)
    model, _ = model_at(demo(), start + 2 * SECOND)
    assert after.values == (model.figures("prices", start)["BTC/USDT:USDT"].last,)
    assert before.values != (None,)


def test_moments_are_written_as_everywhere(file):
    past = PastMarket(desk(file))
    start, end = past.whole
    assert end == EVENTS[-1].arrival
    assert past.span("+10s", "5s ago") == Span(start + 10 * SECOND, end - 5 * SECOND)
    assert past.span(until="2099-01-01") == Span(start, end)
    assert past.moment("10s", bare_is_ago=True) == end - 10 * SECOND
    assert past.moment("+10s", bare_is_ago=True) == start + 10 * SECOND
    for wrong in (("10s", None), ("now", "+1s"), ("2099-01-01", None)):
        with pytest.raises(UsageError):
            past.span(*wrong)
