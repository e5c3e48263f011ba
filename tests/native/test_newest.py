"""What a slice says of the present is told once, at its end: nothing is lost that the hub's mailbox would keep."""

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.native import session_of
from deskmon.bench.frames import START
from deskmon.events import Encoded, Funding, OpenInterest, Ticker
from deskmon.feeds.ccxt.quotes import Prices
from deskmon.feeds.native.newest import Newest
from deskmon.feeds.native.readings import Interest, Quote, Rate
from deskmon.hub.mailbox import Mailbox

SYMBOLS = ("BTC/USDT:USDT", "ETH/USDT:USDT")
PRICES = st.sampled_from((None, 0.0, 99.0, 100.5, 101.0))
TIMES = st.integers(0, 3).map(lambda step: START + 40_000 * step)
"""Two of them in one minute, at most."""


def told_by(readings, *, slices_end):
    """What comes out of the mailbox of a hub that drains it at the end."""
    emitted = []
    session = session_of("binance", emitted.append)
    newest, mailbox = Newest(session), Mailbox()
    take = {Quote: newest.quote, Rate: newest.rate, Interest: newest.interest}
    for number, (kind, symbol, ts, fields) in enumerate(readings):
        market = session.by_symbol[symbol]
        reading = {
            "quote": lambda: Quote(market, ts, Prices(**fields)),  # noqa: B023 - called at once
            "rate": lambda: Rate(market, ts, fields["last"], hours=8.0),  # noqa: B023
            "interest": lambda: Interest(market, ts, (fields["mark"] or 0.0) + 1.0, "base", 100.0),  # noqa: B023
        }[kind]()
        take[type(reading)](reading, START + 200_000 + number)
        if number in slices_end or not slices_end:
            newest.tell("linear/public")
    newest.tell("linear/public")
    for event in emitted:
        mailbox.put(Encoded(event), "test")
    return [item.event for item in mailbox.drain()], emitted


READINGS = st.lists(
    st.tuples(
        st.sampled_from(("quote", "quote", "rate", "interest")), st.sampled_from(SYMBOLS), TIMES,
        st.fixed_dictionaries({"last": PRICES, "bid": PRICES, "mark": PRICES}),
    ),
    max_size=24,
)  # fmt: skip


def in_order(readings):
    """Each market's times of one kind never go back, as on one stream."""
    at: dict = {}
    found = []
    for kind, symbol, ts, fields in readings:
        at[kind, symbol] = max(ts, at.get((kind, symbol), ts))
        found.append((kind, symbol, at[kind, symbol], fields))
    return found


def newest_of(events):
    """The last of each kind, market and minute, without when it came."""
    found = {}
    for event in events:
        minute = event.ts // 60_000 if isinstance(event, Ticker | OpenInterest) else 0
        found[type(event), event.symbol, minute] = event
    return found


@settings(max_examples=60)
@given(READINGS.map(in_order), st.sets(st.integers(0, 23)))
def test_a_hub_keeps_the_same_whether_frames_are_told_one_by_one_or_by_slices(readings, slices_end):
    one_by_one, all_told = told_by(readings, slices_end=set())
    by_slices, told = told_by(readings, slices_end=slices_end | {10**6})
    assert newest_of(by_slices) == newest_of(one_by_one)
    assert len(told) <= len(all_told)


def test_several_quotes_of_a_slice_are_one_ticker_and_trades_see_them_at_once():
    emitted = []
    session = session_of("binance", emitted.append)
    newest, market = Newest(session), session.by_symbol["BTC/USDT:USDT"]
    for number in range(5):
        newest.quote(Quote(market, START + number, Prices(last=90.0 + number, bid=89.0)), START)
    assert emitted == [] and session.quotes.last(market.symbol) == 94.0
    newest.tell("linear/market")
    (ticker,) = emitted
    assert (ticker.ts, ticker.last, ticker.bid) == (START + 4, 94.0, 89.0)
    newest.tell("linear/market")
    assert len(emitted) == 1


def test_the_last_of_each_minute_is_told():
    emitted = []
    session = session_of("binance", emitted.append)
    newest, market = Newest(session), session.by_symbol["BTC/USDT:USDT"]
    start = START - START % 60_000
    for ts, last in ((start + 59_998, 1.0), (start + 59_999, 2.0), (start + 60_000, 3.0), (start + 60_001, 4.0)):
        newest.quote(Quote(market, ts, Prices(last=last)), START)
        newest.rate(Rate(market, ts, last, hours=8.0), START)
    newest.tell("linear/market")
    assert [(each.ts - start, each.last) for each in emitted if type(each) is Ticker] == [(59_999, 2.0), (60_001, 4.0)]
    assert [each.rate for each in emitted if type(each) is Funding] == [4.0]
