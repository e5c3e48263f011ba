"""Health of a feed's lines, stepped by hand: what is silent, lost or void, and the gaps that this leaves."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskmon.feeds.ccxt.health import Channel, Line, summary
from tests.ccxt.stepped import NOW, OTHER, URL, Stepped


@pytest.fixture
def desk():
    return Stepped()


def line(channel="ticker"):
    return Line(channel, "S", NOW)


@given(st.sampled_from(["ticker", "book", "candles"]), st.lists(st.integers(1, 600_000), min_size=1, max_size=50))
def test_patience_is_bounded_and_above_every_usual_silence(channel, silences):
    held, at = line(channel), NOW
    for silence in silences:
        at += silence
        held.hear(at)
    floor = Line.FLOORS[channel]
    assert floor <= held.patience() <= floor * Line.CAP_FLOORS
    assert floor / 3 <= held.patience(neighbours_run=True) <= held.patience()
    if len(silences) > 1:
        assert held.patience(neighbours_run=True) >= min(silences[-1], floor * Line.CAP_FLOORS)
    assert held.silence(at + int(held.patience())) is None
    assert held.silence(at + int(held.patience()) + 1) is not None


def test_a_pace_counts_moments_so_that_a_page_of_rows_teaches_nothing():
    held = line()
    for _ in range(200):
        held.hear(NOW + 5)
    assert held.patience(neighbours_run=True) == Line.FLOORS["ticker"]


def test_one_stream_that_stalls_while_its_neighbours_run_is_due_within_its_own_pace(desk):
    symbols = ("A", "B", "C")
    desk.subscribe("book", symbols=symbols)
    desk.subscribe("ticker", symbols=symbols)
    running = [(channel, symbol, URL) for channel in ("book", "ticker") for symbol in symbols]
    assert desk.run(10, *running) == []
    running.remove(("book", "B", URL))
    due = desk.run(8, *running)
    assert due[0] == (6, "book", "B")
    assert {found[1:] for found in due} == {("book", "B")}
    assert desk.detail == "book: B: silent for 6 s"
    assert desk.said[-1][2]["ticker"] == "live"


def test_a_slow_stream_has_its_own_pace(desk):
    desk.subscribe("book", symbols=("FAST", "SLOW"))
    for _ in range(2):
        desk.run(20, ("book", "FAST", URL))
        desk.monitor.heard("book", "SLOW", URL)
    for _ in range(30):
        assert desk.run(20, ("book", "FAST", URL)) == []
        desk.monitor.heard("book", "SLOW", URL)
    assert desk.run(79, ("book", "FAST", URL)) == []
    assert desk.run(3, ("book", "FAST", URL))[0][1:] == ("book", "SLOW")


def test_a_venue_that_says_nothing_at_all_gets_the_longer_patience(desk):
    desk.subscribe("book", symbols=("A", "B"))
    desk.run(10, ("book", "A", URL), ("book", "B", URL))
    assert [found[0] for found in desk.run(17)] == [16, 16]


def test_a_line_that_stays_silent_is_subscribed_again_ever_later(desk):
    desk.subscribe("book", symbols=("A", "B"))
    desk.run(10, ("book", "A", URL), ("book", "B", URL))
    at = []
    for number in range(400):
        for _ in range(10):
            desk.wait(100)
            desk.monitor.heard("book", "A", URL)
        desk.monitor.tick()
        for _, held in desk.monitor.due():
            held.retry(desk.clock.now())
            at.append(number + 1)
    pauses = [later - earlier for earlier, later in pairwise(at)]
    assert at[0] == 6
    assert pauses == sorted(pauses)
    assert max(pauses) <= Line.FLOORS["book"] * Line.CAP_FLOORS / 1000 + 1


def test_only_a_line_that_is_alone_on_its_connection_takes_it_down(desk):
    desk.subscribe("book", symbols=("A",))
    desk.subscribe("ticker", symbols=("A",))
    desk.subscribe("book", symbols=("X",), url=OTHER)
    desk.run(10, ("book", "A", URL), ("ticker", "A", URL), ("book", "X", OTHER))
    desk.run(20, ("ticker", "A", URL))
    held = {found.symbol: found for found in desk.monitor.channels["book"].lines}
    assert not desk.monitor.alone(held["A"])
    assert desk.monitor.alone(held["X"])


def test_silent_liquidations_and_calm_trades_are_no_fault(desk):
    desk.subscribe("liquidations")
    desk.subscribe("trades", symbols=("A", "B"))
    for _ in range(30):
        desk.monitor.heard("liquidations", "A", URL)
        desk.monitor.heard("trades", "A", URL)
        desk.wait(300_000)
    assert desk.run(1_000, ("trades", "B", URL)) == []
    assert desk.detail == "live"


def test_busy_trades_that_stop_are_a_fault(desk):
    desk.subscribe("trades", symbols=("A", "B"))
    desk.run(10, ("trades", "A", URL), ("trades", "B", URL))
    assert desk.run(25, ("trades", "A", URL))[0] == (21, "trades", "B")


def test_a_gap_begins_when_the_connection_was_lost_and_ends_with_the_first_event(desk):
    desk.subscribe("ticker", symbols=("A",))
    desk.monitor.heard("ticker", "A", URL)
    desk.wait(40_000)
    desk.monitor.lost(URL, "reconnecting", "gone", desk.clock.now())
    desk.wait(5_000)
    desk.subscribe("ticker", symbols=("A",))
    desk.monitor.heard("ticker", "A", URL)
    assert desk.gaps() == [("ticker", 40_000, 45_000)]
    desk.monitor.heard("ticker", "A", URL)
    assert len(desk.gaps()) == 1


def test_an_event_of_one_connection_does_not_end_the_gap_of_another(desk):
    one = desk.subscribe("ticker", symbols=("A",))
    desk.subscribe("ticker", symbols=("B",), url=OTHER)
    desk.run(1, ("ticker", "A", URL), ("ticker", "B", OTHER))
    desk.monitor.lost(URL, "reconnecting", "gone", desk.clock.now())
    desk.run(2, ("ticker", "B", OTHER))
    assert desk.gaps() == []
    assert desk.detail == "ticker: A: gone"
    desk.monitor.asked(one, URL, ("A",))
    desk.monitor.connected(URL)
    desk.monitor.heard("ticker", "A", URL)
    assert desk.gaps() == [("ticker", 1_000, 3_000)]


def test_one_stretch_is_told_once_for_all_its_symbols(desk):
    symbols = tuple("ABCDE")
    one = desk.subscribe("liquidations", symbols=symbols)
    two = desk.subscribe("ticker", symbols=symbols)
    for symbol in symbols:
        desk.monitor.heard("ticker", symbol, URL)
    desk.wait(1_000)
    desk.monitor.lost(URL, "reconnecting", "gone", desk.clock.now())
    desk.wait(2_000)
    for subscription in (one, two):
        desk.monitor.asked(subscription, URL, symbols)
    desk.monitor.connected(URL)
    for symbol in symbols:
        desk.monitor.heard("ticker", symbol, URL)
    assert desk.gaps() == [("liquidations", 1_000, 3_000), ("ticker", 1_000, 3_000)]


def test_liquidations_that_never_came_have_a_gap_too_where_the_connection_was_lost(desk):
    one = desk.subscribe("trades", "liquidations", symbols=("A",))
    desk.wait(60_000)
    desk.monitor.lost(URL, "reconnecting", "gone", desk.clock.now())
    desk.wait(3_000)
    desk.monitor.asked(one, URL, ("A",))
    desk.monitor.connected(URL)
    assert ("liquidations", 60_000, 63_000) in desk.gaps()


@pytest.mark.parametrize(
    ("channel", "gaps"), [("open_interest", 0), ("funding", 0), ("ticker", 0), ("liquidations", 1)]
)
def test_a_polled_figure_has_no_gap_and_a_polled_ledger_has(desk, channel, gaps):
    polled = desk.monitor.polled(channel, 60.0)
    desk.monitor.answered(polled)
    desk.monitor.heard(channel, "A", "")
    desk.wait(60_000)
    desk.monitor.broke([polled], "reconnecting", "no answer in time")
    desk.wait(60_000)
    desk.monitor.answered(polled)
    assert len(desk.gaps()) == gaps
    assert desk.monitor.channels[channel].words == "polled every 60 s"


def test_a_polled_line_that_fails_is_not_healed_by_another(desk):
    good, bad = desk.monitor.polled("funding", 60.0), desk.monitor.polled("funding", 60.0)
    desk.monitor.answered(good)
    desk.monitor.heard("funding", "A", "")
    desk.monitor.broke([bad], "reconnecting", "no answer in time")
    desk.monitor.heard("funding", "A", "")
    assert desk.monitor.channels["funding"].state == "reconnecting"


def test_a_void_book_is_said_and_due_at_once_and_whole_with_its_next_event(desk):
    desk.subscribe("book", symbols=("A", "B"))
    desk.run(3, ("book", "A", URL), ("book", "B", URL))
    desk.monitor.void("A", "a change was missed")
    assert desk.detail == "book: A: a change was missed"
    ((_, held),) = desk.monitor.due()
    assert (held.symbol, held.void) == ("A", True)
    held.retry(desk.clock.now())
    assert desk.monitor.due() == []
    desk.wait(100)
    desk.monitor.heard("book", "A", URL)
    assert desk.detail == "live"
    assert desk.gaps() == [("book", 3_000, 3_100)]


@pytest.mark.parametrize("is_void", [False, True])
def test_a_book_that_is_asked_for_is_not_asked_for_again_before_the_answer(desk, is_void):
    desk.subscribe("book", symbols=("A", "B"))
    if is_void:
        desk.monitor.void("A", "a change was missed")
    with desk.monitor.asking_for("A"):
        assert desk.run(60, ("book", "B", URL)) == []
    due = desk.run(16, ("book", "B", URL))
    assert due[0] == (1 if is_void else 16, "book", "A")


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 50_000), st.integers(1, 20_000)), min_size=1, max_size=8))
def test_gaps_of_a_channel_cover_what_was_missed_and_no_moment_twice(breaks):
    desk, at = Stepped(), NOW
    missed = []
    one = desk.subscribe("ticker", symbols=("A", "B"))
    for calm, lost in breaks:
        for symbol in ("A", "B"):
            desk.monitor.heard("ticker", symbol, URL)
        desk.wait(calm)
        at = desk.clock.now() - NOW
        desk.monitor.lost(URL, "reconnecting", "gone", desk.clock.now())
        desk.wait(lost)
        desk.monitor.asked(one, URL, ("A", "B"))
        desk.monitor.connected(URL)
        desk.monitor.heard("ticker", "A", URL)
        desk.wait(500)
        desk.monitor.heard("ticker", "B", URL)
        missed += [("ticker", at, at + lost), ("ticker", at + lost, at + lost + 500)]
    assert desk.gaps() == missed


def live(name, *symbols):
    channel = Channel(name, streamed=True, lines=[Line(name, symbol, NOW) for symbol in symbols or ("A",)])
    for held in channel.lines:
        held.hear(NOW)
    channel.told = 1
    return channel


def test_the_feed_is_as_bad_as_its_worst_channel_that_is_not_given_up():
    ticker, book, gone = live("ticker"), Channel("book", lines=[Line("book", "A", NOW)]), Channel("funding")
    channels = {"ticker": ticker, "book": book, "funding": gone}
    gone.finish("this venue doesn't offer it")
    assert summary({"book": book, "funding": gone}, [])[0] == "connecting"
    assert summary(channels, [])[:2] == ("live", "live")
    book.lines[0].broke(NOW, "down", "refused", NOW)
    assert summary(channels, ["note"])[:2] == ("reconnecting", "book: refused; note")
    ticker.lines[0].broke(NOW, "down", "refused", NOW)
    assert summary(channels, [])[:2] == ("down", "ticker, book: refused")
    ticker.finish("x")
    book.finish("x")
    assert summary(channels, [])[0] == "down"


def test_a_channel_names_the_symbols_in_trouble_where_not_all_are():
    channel = live("book", *"ABCDEF")
    for held in channel.lines[:5]:
        held.broke(NOW, "stale", "silent", NOW)
    assert channel.words == "A, B, C and 2 more: silent"
    channel.lines[5].broke(NOW, "stale", "silent", NOW)
    assert channel.words == "silent"
