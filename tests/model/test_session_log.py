"""The session log says what happened, once, in order, within bounds, and the same of the same stream."""

import pytest
from msgspec.structs import replace

from deskmon.clock import DAY, HOUR, MINUTE, SECOND
from deskmon.events import (
    Alert,
    EtfFlow,
    FeedStatus,
    Funding,
    Gap,
    Headline,
    Journal,
    Level,
    Liquidation,
    Note,
    OpenInterest,
    Ticker,
    decode_event,
    encode_event,
)
from deskmon.model import Model
from deskmon.model.log_lines import of_wave
from deskmon.model.session_log import HELD
from tests.desk.test_header import CRESTING

T = 1_763_683_200_000  # 2025-11-21, midnight
BTC = "BTC/USDT:USDT"
HEADER = Journal(version=1, source="recorded", ts=T, started=T)


def logged(*events, kind=None):
    model = Model()
    model.apply([HEADER, *events])
    assert not model.rejected, model.samples
    return [line for line in model.figures("log", T + DAY) if kind in (None, line.kind)]


def clock(ts):
    """What lets a desk know that it is so late: any price."""
    return Ticker(ts=ts, venue="bybit", symbol=BTC, last=85_000.0)


def funding(ts, rate):
    return Funding(ts=ts, venue="bybit", symbol=BTC, rate=rate, interval_hours=8)


def status(ts, state, detail="why"):
    return FeedStatus(ts=ts, feed="bybit", state=state, detail=detail)


def test_a_note_keeps_its_words_author_symbol_and_price_through_journal_and_log():
    note = decode_event(encode_event(Note(ts=T, text="sold half", by="anna", symbol=BTC, price=84_900.0)))
    [line] = logged(note)
    assert (line.ts, line.kind, line.text, line.by, line.symbol, line.price) == (
        T, "notes", "sold half", "anna", BTC, 84_900.0,
    )  # fmt: skip


@pytest.mark.parametrize("wrong", [{"text": " "}, {"text": "x" * 2_001}, {"by": ""}, {"by": "a\nb"}, {"price": -1.0}])
def test_a_note_without_words_or_author_cannot_exist(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Note(**{"ts": T, "text": "x", "by": "anna", **wrong})


def test_funding_is_logged_when_its_mean_turns_over_and_not_while_it_trembles_around_nothing():
    rates = [1e-4, 1e-6, -1e-6, -1e-4, -1e-4, 1e-6, 1e-4]
    lines = logged(
        OpenInterest(ts=T, venue="bybit", symbol=BTC, amount=1e4, usd=8.5e8),
        *(event for n, rate in enumerate(rates)
          for event in (funding(T + n * MINUTE, rate), clock(T + n * MINUTE + 50 * SECOND))),
        clock(T + HOUR), kind="funding",
    )  # fmt: skip
    assert [(line.state, line.text) for line in lines] == [
        ("negative", "BTC funding negative, mean −0.0100% per 8 h"),
        ("positive", "BTC funding positive, mean +0.0100% per 8 h"),
    ]


def test_a_level_is_logged_when_a_close_decides_about_it():
    about = {"symbol": BTC, "id": "z", "price": 85_000.0, "low": 84_900.0, "high": 85_100.0, "close": 84_500.0}
    about |= {"timeframe": "1h", "score": 3.0, "before": "testing", "kind": "resistance"}
    lines = logged(Level(ts=T, status="testing", **about), Level(ts=T + HOUR, status="broken", **about))
    assert [line.text for line in lines] == ["BTC 84,900.00–85,100.00 broken, now resistance, 1h close 84,500.00"]


def test_a_fault_of_a_feed_is_logged_once_and_its_return_too():
    states = ["connecting", "live", "live", "stale", "stale", "down", "live", "live"]
    lines = logged(*(status(T + n, state) for n, state in enumerate(states)), kind="feeds")
    assert [line.text for line in lines] == ["bybit stale: why", "bybit down: why", "bybit live: why"]


def test_a_gap_says_what_was_missed_and_for_how_long():
    gap = Gap(ts=T, feed="a", venue="bybit", channel="all", since=T - MINUTE, until=T, dropped=1_200)
    assert [line.text for line in logged(gap)] == ["a missed everything of bybit for 1m, 1,200 events"]


def test_a_days_flow_is_one_line_that_later_reports_complete_and_history_is_none():
    def report(ts, fund, usd, date="2025-11-20"):
        return EtfFlow(ts=ts, asset="BTC", fund=fund, date=date, usd=usd)

    old = [report(T - 30 * DAY, fund, 5e6, "2025-10-21") for fund in "ab"]
    lines = logged(
        *old, clock(T), report(T, "a", -3e8), clock(T + MINUTE), report(T + HOUR, "b", -6e8), clock(T + 2 * HOUR),
        kind="flows",
    )  # fmt: skip
    assert [(line.ts, line.usd) for line in lines] == [(T + HOUR, -9e8)]
    assert lines[0].text.startswith("BTC funds −900M USD on 2025-11-20, 2 of ")


def test_an_alert_is_logged_when_it_fires_is_over_or_cannot_be_told_and_when_a_trader_marks_it():
    def alert(n, state, **fields):
        return Alert(ts=T + n, rule="cascade", state=state, since=T, **fields)

    lines = logged(
        alert(0, "unknown"), alert(0, "ok"), alert(1, "pending"),
        alert(2, "firing", text="20M in 5m"), alert(3, "clearing"),
        alert(4, "firing"), alert(5, "firing", mark="acknowledged", by="anna"), alert(6, "ok"), alert(7, "pending"),
        alert(8, "ok"), alert(9, "firing", mark="muted", by="lost85"), alert(10, "unknown"),
        alert(11, "ok", removed=True), kind="alerts",
    )  # fmt: skip
    assert [(line.text, line.state, line.by) for line in lines] == [
        ("cascade firing: 20M in 5m", "firing", None),
        ("cascade acknowledged", "acknowledged", "anna"),
        ("cascade is over", "ok", None),
        ("cascade firing, muted by lost85", "firing", None),
        ("cascade can't be told", "unknown", None),
    ]


def test_the_same_headline_is_logged_once():
    news = Headline(ts=T, recv=T + SECOND, text="rates cut", source="wire")
    assert [(line.text, line.by) for line in logged(news, news)] == [("rates cut", "wire")]


def test_the_log_is_in_order_of_time_and_each_kind_has_bounds_of_its_own():
    many = [Note(ts=T + n, text=f"note {n}", by="anna") for n in range(HELD["notes"] + 5)]
    lines = logged(Headline(ts=T + 1, text="a headline"), *reversed(many))
    assert len(lines) == HELD["notes"] + 1
    assert [line.ts for line in lines] == sorted(line.ts for line in lines)
    assert {line.kind for line in lines} == {"notes", "headlines"}
    assert lines[-1].text == f"note {len(many) - 1}"


def test_a_time_far_ahead_does_not_end_the_log():
    """A venue's broken clock may say 2099; waves are looked at again from the desk's own time on."""
    burst = [
        Liquidation(ts=T + n * 100, venue="bybit", symbol=BTC, side="long", price=85_000.0, amount=20.0, usd=1.7e6)
        for n in range(300)
    ]
    ahead = Ticker(ts=T + 400 * DAY, venue="odd", symbol="ETH/USDT:USDT", last=1.0)
    lines = logged(clock(T), ahead, clock(T + 1), *burst, clock(T + MINUTE), kind="waves")
    assert lines and lines[0].state == "building"


@pytest.mark.parametrize(("move", "ending"), [(None, "12% long"), (-1.2, "12% long, BTC −1.20%")])
def test_a_line_of_a_wave_ends_in_the_move_of_the_price_or_where_that_isn_t_known_before_it(move, ending):
    assert of_wave(replace(CRESTING, long_share=0.12, price_move_pct=move), T).text.endswith(ending)
