"""The mailbox keeps every ledger event in order, the newest of each state, and an account of all the rest."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from deskmon.events import LEDGER, Encoded, Funding, Gap, Ticker, state_key
from deskmon.hub.mailbox import CAPACITY, Mailbox
from deskmon.model import Model
from tests.hub.market import T0, liquidation, ticker, trade

optional = st.none() | st.floats(1, 9)
tickers = st.builds(
    lambda last, ts, symbol, **fields: ticker(last, ts=ts, symbol=symbol, **fields),
    last=st.floats(1, 9),
    ts=st.integers(T0, T0 + 90_000),
    symbol=st.sampled_from(["A/USDT", "B/USDT"]),
    bid=optional, ask=optional, mark=optional, index=optional, open_24h=optional, high_24h=optional,
)  # fmt: skip
ledger = st.builds(lambda number, long: (liquidation if long else trade)(number), st.integers(0, 10**6), st.booleans())
streams = st.lists(tickers | ledger, max_size=60)


def drained(mailbox):
    return [item.event for item in mailbox.drain()]


@given(events=streams, drains=st.sets(st.integers(0, 60)))
def test_ledger_is_whole_and_in_order_and_counts_add_up(events, drains):
    mailbox, out = Mailbox(), []
    for index, event in enumerate(events):
        assert mailbox.put(Encoded(event))
        if index in drains:
            out += drained(mailbox)
    before = mailbox.statistics()
    assert before.put == before.taken + before.conflated + before.dropped + before.depth
    out += drained(mailbox)
    after = mailbox.statistics()
    assert [event for event in out if type(event) in LEDGER] == [event for event in events if type(event) in LEDGER]
    assert (after.put, after.taken, after.depth, after.dropped) == (len(events), len(out), 0, 0)


def folded_both_ways(events):
    """Figures of the venue prices: of the whole stream, and of what a mailbox made of it."""
    mailbox = Mailbox()
    for event in events:
        mailbox.put(Encoded(event))
    kept = drained(mailbox)
    assert len({state_key(event) for event in kept}) == len(kept)
    models = (Model(), Model())
    for model, stream in zip(models, (events, kept), strict=True):
        model.apply(stream)
    return [{symbol: price.venues for symbol, price in model.prices.figures(T0 + 100_000).items()} for model in models]


@given(events=st.lists(tickers, min_size=1, max_size=40))
def test_prices_folded_from_the_mailbox_are_those_of_the_whole_stream(events):
    whole, conflated = folded_both_ways(sorted(events, key=lambda event: event.ts))
    for symbol, venues in whole.items():
        for venue, price in venues.items():
            kept = conflated[symbol][venue]
            # A mark that a ticker carries over has that ticker's time: it looks younger, by at most a turn of the pump.
            for field in ("mark_age_ms", "index_age_ms"):
                ages = getattr(kept, field), getattr(price, field)
                assert ages == (None, None) or ages[0] <= ages[1]
            ages = {"mark_age_ms": price.mark_age_ms, "index_age_ms": price.index_age_ms}
            assert replace(kept, **ages) == price
    assert conflated.keys() == whole.keys()


@given(events=st.lists(tickers, min_size=1, max_size=40))
def test_a_late_ticker_never_replaces_a_newer_price(events):
    whole, conflated = folded_both_ways(events)
    last = [{symbol: venues["binance"].last for symbol, venues in each.items()} for each in (whole, conflated)]
    assert last[1] == last[0]


def test_what_a_ticker_leaves_out_is_taken_from_the_one_it_replaces():
    mailbox = Mailbox()
    mailbox.put(Encoded(ticker(5.0, mark=5.5, bid=4.9)))
    mailbox.put(Encoded(ticker(6.0, ts=T0 + 1, bid=5.9)))
    assert drained(mailbox) == [ticker(6.0, ts=T0 + 1, bid=5.9, mark=5.5)]


def test_every_settled_rate_is_kept_and_only_the_newest_prediction():
    mailbox = Mailbox()
    hour = 3_600_000

    def funding(kind, ts, rate):
        return Funding(ts=ts, venue="okx", symbol="BTC/USDT:USDT", rate=rate, interval_hours=8, kind=kind)

    settled = [funding("settled", T0 - 8 * hour * back, 0.0001 * back) for back in range(5)]
    for event in [*settled, funding("predicted", T0, 0.1), funding("predicted", T0 + 1, 0.2)]:
        mailbox.put(Encoded(event))
    assert drained(mailbox) == [*settled, funding("predicted", T0 + 1, 0.2)]


def test_a_state_stands_where_its_newest_arrived_so_that_a_journal_stays_in_order():
    mailbox = Mailbox()
    for event in (ticker(1.0), trade(1), ticker(2.0)):
        mailbox.put(Encoded(event))
    assert [type(event).__name__ for event in drained(mailbox)] == ["Trade", "Ticker"]


def test_overflow_of_the_ledger_is_counted_and_becomes_a_gap():
    mailbox = Mailbox(capacity=3)
    kept = [mailbox.put(Encoded(liquidation(number, ts=T0 + number)), "bybit-feed") for number in range(5)]
    assert kept == [True, True, True, False, False]
    assert mailbox.put(Encoded(ticker(1.0))), "states have room of their own"
    *events, gap = drained(mailbox)
    assert [event.id for event in events if type(event) is not Ticker] == ["0", "1", "2"]
    assert gap == Gap(
        ts=T0 + 4, feed="bybit-feed", venue="bybit", channel="liquidations", since=T0 + 3, until=T0 + 4, dropped=2
    )
    assert mailbox.statistics().dropped == 2
    assert drained(mailbox) == [], "a gap is told once"


def test_states_are_bounded_too():
    mailbox = Mailbox(capacity=2)
    assert [mailbox.put(Encoded(ticker(1.0, symbol=f"S{number}"))) for number in range(3)] == [True, True, False]
    assert mailbox.put(Encoded(ticker(2.0, symbol="S1"))), "one that is held can always be renewed"


def test_a_burst_of_twenty_thousand_liquidations_fits():
    mailbox = Mailbox()
    for number in range(20_000):
        mailbox.put(Encoded(liquidation(number)))
    assert [event.id for event in drained(mailbox)] == [str(number) for number in range(20_000)]
    assert mailbox.statistics().dropped == 0
    assert CAPACITY >= 5 * 20_000
