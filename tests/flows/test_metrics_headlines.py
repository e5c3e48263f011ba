"""Context series with their changes and standing; headlines in order of time, once each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.analytics.since import standing
from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.components.headlines import text_lines
from deskmon.components.news import news
from deskmon.components.series import mood, series_change, series_value
from deskmon.components.text import cell_width, one_line
from deskmon.events import EtfFlow, Headline, Metric
from deskmon.model import Model
from deskmon.model.figure_path import parse
from deskmon.model.figures import Since
from deskmon.model.headlines import HELD
from deskmon.model.histories import history

T = 1_763_683_200_000


def metric(value, ts=T, name="gold", **more):
    return Metric(ts=ts, name=name, value=value, **more)


def model_of(*events):
    model = Model()
    model.apply(events)
    assert not model.rejected, model.samples
    return model


@given(st.lists(st.integers(1, 500), min_size=2, max_size=60), st.randoms(use_true_random=False))
def test_changes_and_standing_of_a_daily_series_in_any_order(values, rng):
    events = [metric(float(value), T + day * DAY) for day, value in enumerate(values)]
    ts = [event.ts for event in events]
    rng.shuffle(events)
    model = model_of(*events)
    found = model.metrics.figures(ts[-1])["gold"]
    assert found.value == values[-1] and found.cadence_ms == DAY
    for window, days in (("24h", 1), ("7d", 7), ("30d", 30)):
        before = values[-1 - days] if days < len(values) else None
        assert found.change[window] == (None if before is None else values[-1] - before)
        expected = None if before is None else (values[-1] / before - 1) * 100
        assert found.change_pct[window] == (None if expected is None else pytest.approx(expected))
    stands = standing(ts, [float(value) for value in values])
    assert found.since == Since(**stands._asdict())
    assert model.metrics.history("gold") == list(zip(ts, map(float, values), strict=True))


def test_a_series_is_stale_after_four_times_its_cadence_and_a_weekend_is_none():
    days = model_of(*(metric(1.0, T + day * DAY) for day in range(9)))
    newest = T + 8 * DAY
    assert not days.metrics.figures(newest + 4 * DAY)["gold"].stale
    assert days.metrics.figures(newest + 4 * DAY + 1)["gold"].stale
    minutes = model_of(*(metric(1.0, T + n * MINUTE) for n in range(9)))
    assert not minutes.metrics.figures(T + 2 * HOUR)["gold"].stale
    assert minutes.metrics.figures(T + 3 * HOUR)["gold"].stale


def test_a_change_is_unknown_where_the_series_has_a_hole():
    found = model_of(metric(1.0, T), *(metric(2.0, T + n * HOUR) for n in range(100, 109))).metrics.figures(T)["gold"]
    assert found.change["24h"] is None
    negative = model_of(metric(-1.0, T), metric(1.0, T + DAY)).metrics.figures(T)["gold"]
    assert negative.change["24h"] == 2.0 and negative.change_pct["24h"] is None


def test_a_series_that_is_told_each_minute_is_compared_with_the_days_before_it_was():
    days = [metric(100.0 + n, T + n * DAY) for n in range(-3, 31)]
    minutes = [metric(200.0, T + 30 * DAY + 12 * HOUR + n * MINUTE) for n in range(1, 30)]
    model = model_of(*days, *minutes)
    found = model.metrics.figures(T + 31 * DAY)["gold"]
    assert (found.change["24h"], found.change["7d"], found.change["30d"]) == (71.0, 77.0, 100.0)
    assert found.day_change_pct is not None
    known = history(model, parse("metrics.gold.value"), T + 31 * DAY, DAY)
    assert len(known.points(T, T + 30 * DAY, 61)) == 61, "no holes between days"
    outage = model_of(*minutes, metric(300.0, T + 33 * DAY)).metrics.figures(T + 33 * DAY)["gold"]
    assert outage.change["24h"] is None, "told each minute before, it was unknown that day"


@pytest.mark.parametrize(
    ("value", "word"),
    [(0, "extreme fear"), (24, "extreme fear"), (25, "fear"), (44, "fear"), (45, "neutral"), (55, "neutral"),
     (56, "greed"), (75, "greed"), (76, "extreme greed"), (100, "extreme greed"), (-1, ""), (101, "")],
)  # fmt: skip
def test_the_classes_of_fear_and_greed(value, word):
    assert mood(value) == word


def test_how_values_and_changes_are_written():
    model = model_of(
        metric(4.16, T, "us10y", unit="percent"), metric(4.21, T + DAY, "us10y", unit="percent"),
        metric(12.0, T, "fear_greed"), metric(9.0, T + DAY, "fear_greed"),
    )  # fmt: skip
    known = model.metrics.figures(T + DAY)
    assert series_change("us10y", known["us10y"], "24h") == ("+5bp", "up")
    assert series_change("fear_greed", known["fear_greed"], "24h") == ("−3", "down")
    assert [series_value(each) for each in (9.0, 4.21, 4_893.0, 2.92e12, 0.973, None)] == [
        "9", "4.21", "4,893", "2.92T", "0.973", "—",
    ]  # fmt: skip


def headline(text, ts=T, **more):
    return Headline(ts=ts, text=text, **more)


def test_headlines_are_newest_first_once_each_and_bounded():
    again = headline("one", T, recv=T + 5)
    model = model_of(headline("one"), headline("two", T + 2), again, headline("one", source="other"))
    assert [(each.text, each.source) for each in model.headlines.figures(T + 9)] == [
        ("two", None), ("one", "other"), ("one", None),
    ]  # fmt: skip
    model.apply(headline(str(n), T + n) for n in range(3 * HELD))
    found = model.headlines.figures(T)
    assert len(found) == HELD and found[0].text == str(3 * HELD - 1)


def test_a_headline_dated_in_the_future_counts_from_its_arrival():
    model = model_of(headline("late", T + DAY * 900, recv=T), headline("next", T + 1))
    assert [each.text for each in model.headlines.figures(T + 2)] == ["next", "late"]


def test_news_is_the_newest_headline_or_big_flow_of_the_last_minutes():
    def flow(usd, ts):
        return EtfFlow(ts=ts, asset="BTC", fund="IBIT", date="2025-11-20", usd=usd)

    model = model_of(headline("first", source="wire"))
    assert news(Model(), T) == "" and news(model, T) == "wire: first" and news(model, T + 5 * MINUTE) == ""
    model.apply([flow(-817.9e6, T + MINUTE)])
    assert news(model, T + 2 * MINUTE).startswith("BTC funds −$818M on 20 Nov")
    model.apply([headline("second\x1b[31m\n\u202elast", T + 2 * MINUTE)])
    assert news(model, T + 2 * MINUTE) == "second·[31m ·last"
    assert news(model_of(flow(5e6, T)), T) == ""


@given(st.text(max_size=300), st.integers(1, 60), st.integers(1, 5))
def test_text_from_outside_keeps_to_its_lines_and_has_nothing_that_steers_a_terminal(text, width, most):
    lines = text_lines(text, width, most)
    assert len(lines) <= most
    assert all(line.isprintable() for line in lines)
    words = one_line(text).split()
    longest = max(map(cell_width, words), default=0)
    assert all(cell_width(line) <= max(width, longest) + 2 for line in lines)
    shown = " ".join(lines).removesuffix(" …")
    assert "".join(words).startswith("".join(shown.split()))
