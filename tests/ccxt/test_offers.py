"""What a venue offers is one table: the plan opens it, the docs print it, and ccxt's own `has` agrees."""

import importlib
from pathlib import Path

import pytest

from deskmon.feeds.ccxt import CcxtFeed
from deskmon.feeds.ccxt.channels import CHANNELS
from deskmon.feeds.ccxt.exchanges import FAMILIES, OWN, exchange_ids, load_class
from deskmon.feeds.ccxt.liquidations import PARSERS
from deskmon.feeds.ccxt.offers import (
    CONTRACTS_ONLY,
    DOCUMENTED,
    POLLS,
    STREAMS,
    VENUES,
    derived,
    in_ticker,
    markdown,
    missing,
    offers,
    row,
)
from deskmon.feeds.ccxt.plan import METHODS, WHOLE, polls, streams, why_none
from deskmon.feeds.native import venue_of
from deskmon.model.coverage import coverage
from tests.ccxt.subscribing import asked_by_each, session_of

PAGE = (Path(__file__).parents[2] / "docs" / "feeds.md").read_text(encoding="utf-8")
LISTED = [exchange for exchange in DOCUMENTED if exchange not in OWN]


def has_of(exchange):
    return load_class(exchange)().has


def has_own(exchange, method):
    """Whether the exchange's class does `method` itself; ccxt's base class only raises NotSupported."""
    base = importlib.import_module("ccxt.async_support.base.exchange").Exchange
    kind = load_class(exchange)
    name = METHODS[method].name if method in METHODS else kind().un_camel_case(method)
    return getattr(kind, name) is not getattr(base, name)


@pytest.mark.parametrize("exchange", LISTED)
def test_each_row_agrees_with_what_ccxt_says_it_has(exchange):
    has = has_of(exchange)
    for channel, offer in row(exchange).items():
        for method in () if offer.own else offer.by:
            assert has.get(method), (channel, method)
            assert has[method] == "emulated" or has_own(exchange, method), (channel, method)
        if offer.how == "polled":
            assert derived(channel, exchange, has).how == "polled" or channel == "liquidations"
            assert offer.own or offer.by == (POLLS[channel],)
        if offer.how == "none" and channel != "liquidations":
            assert derived(channel, exchange, has).how == "none", channel
    assert (row(exchange)["open_interest"].by[:1] in (("watchTickers",), ("watchTicker",))) == in_ticker(exchange)
    assert offers(exchange, has) == row(exchange)


def test_liquidations_that_are_told_are_understood():
    for exchange in (*LISTED, "dydx", "bitfinex"):
        offer = row(exchange)["liquidations"]
        assert (
            offer.how == "none"
            or (offer.own and offer.how == "streamed")
            or FAMILIES.get(exchange, exchange) in PARSERS
        )


def test_an_exchange_that_ccxt_no_longer_has_is_read_by_its_own_websocket():
    assert "bitmex" not in importlib.import_module("ccxt").exchanges
    told = {channel for channel, offer in VENUES["bitmex"].items() if offer.how != "none"}
    assert told == {"ticker", "liquidations"}
    assert all(VENUES["bitmex"][channel].own for channel in told)


def test_without_own_websockets_ccxt_polls_the_liquidations_that_it_can():
    asked = {exchange: offers(exchange, has_of(exchange), native=False)["liquidations"] for exchange in
             ("htx", "gate", "bitget", "aster", "bitmex", "bybit")}  # fmt: skip
    assert {name: offer.how for name, offer in asked.items()} == {
        "htx": "polled", "gate": "polled", "bitget": "none", "aster": "none", "bitmex": "none", "bybit": "streamed",
    }  # fmt: skip
    assert asked["aster"].why == "ccxt doesn't read this venue's liquidations, and `native` is off"


def test_own_streams_are_those_that_the_venues_files_have():
    for exchange, found in VENUES.items():
        for offer in found.values():
            if offer.own and offer.how == "streamed":
                assert set(offer.by) <= venue_of(exchange).streams.keys(), exchange


def test_the_coverage_of_liquidations_follows_from_how_they_come():
    for exchange in DOCUMENTED:
        venue, how = FAMILIES.get(exchange, exchange), row(exchange)["liquidations"].how
        assert (coverage(venue) == "none") == (how == "none")
        assert coverage(venue) != "polled" or how == "polled"


def test_the_page_has_the_table_of_the_code():
    assert markdown() in PAGE, "docs/feeds.md is stale: put in what deskmon.feeds.ccxt.offers.markdown() says"


@pytest.mark.parametrize("exchange", [exchange for exchange in LISTED if exchange != "coinbase"])
async def test_every_stream_of_the_plan_is_asked_for(exchange):
    session, sent = session_of(exchange, symbols=symbols_for(exchange))
    plan = streams(session)
    served = {name for stream in plan for name in stream.serves}
    told = await asked_by_each(session, sent)
    assert [error for _, _, error in told if error is not None] == []
    assert all(count for _, count, _ in told), told
    offered = offers(exchange, session.exchange.has, native=False)
    for channel, offer in offered.items():
        assert (channel in served) == (offer.how == "streamed")
    polled = {poll.channel for poll in polls(session, served)}
    if exchange == "bitfinex":
        polled.add("open_interest")  # withheld: nobody stated what the venue counts
    assert polled == {channel for channel, offer in offered.items() if offer.how == "polled"}
    for channel in set(CHANNELS) - served - polled:
        assert why_none(session, channel) == offered[channel].why


def symbols_for(exchange):
    if exchange in ("deribit", "binancecoinm"):
        return ("BTC/USD:BTC", "ETH/USD:ETH")
    return ("BTC/USDC:USDC", "ETH/USDC:USDC") if exchange == "hyperliquid" else ("BTC/USDT:USDT", "ETH/USDT:USDT")


@pytest.mark.parametrize(
    ("exchange", "channels"),
    [("aster", ("ticker",)), ("grvt", ("ticker", "book"))],
)
async def test_streams_that_ccxt_cannot_tell_apart_are_each_asked_for(exchange, channels):
    for apart in (True, False):
        session, sent = session_of(exchange, channels=channels)
        if not apart:
            session.exchange._own = lambda url, taken: taken
        told = await asked_by_each(session, sent)
        assert all(count for _, count, _ in told) is apart


@pytest.mark.parametrize("exchange", exchange_ids())
async def test_no_stream_of_any_exchange_is_lost_to_another(exchange):
    """What a stream asks for when it is alone it asks for beside the others too."""
    session, sent = session_of(exchange)
    told = await asked_by_each(session, sent)
    for name in [name for name, count, error in told if not count and error is None]:
        alone, said = session_of(exchange)
        ((_, count, _),) = await asked_by_each(alone, said, only=name)
        assert count == 0, name


def test_methods_of_the_table_are_those_that_the_plan_can_call():
    told = [offer for offered in VENUES.values() for offer in offered.values()]
    assert {method for offer in told if offer.own and offer.how == "polled" for method in offer.by} == WHOLE.keys()
    used = {method for offer in told if not offer.own for method in offer.by}
    used |= {method for methods in STREAMS.values() for method in methods}
    assert {method for method in used if method.startswith("watch")} <= METHODS.keys()
    assert {method for method in used if method.startswith("fetch")} <= set(POLLS.values())


def test_a_method_that_this_ccxt_lacks_is_not_counted_on():
    has = {**has_of("binanceusdm"), "watchMarkPrices": False, "watchOHLCV": None}
    found = offers("binanceusdm", has)
    assert found["ticker"].by == ("watchTickers", "watchBidsAsks")
    assert (found["funding"].how, found["funding"].by) == ("polled", ("fetchFundingRate",))
    assert (found["candles"].how, found["candles"].by) == ("polled", ("fetchOHLCV",))
    assert offers("nowhere", {})["book"].how == "none"


def test_contract_channels_of_spot_markets_are_none():
    session, _sent = session_of("binance", symbols=("BTC/USDT",))
    served = {name for stream in streams(session) for name in stream.serves}
    assert served.isdisjoint(CONTRACTS_ONLY)
    assert polls(session, served) == []
    assert {why_none(session, channel) for channel in CONTRACTS_ONLY} == {"none of its symbols is a contract"}


def test_a_channel_asked_for_by_name_that_the_venue_lacks_is_doubted():
    asked = CcxtFeed.Options(exchange="aster", channels=("ticker", "open_interest"))
    ((key, words),) = CcxtFeed.validate_options(asked)
    assert key == "channels"
    assert words == "aster has no open interest: ccxt has no way to it at this venue"
    assert CcxtFeed.validate_options(CcxtFeed.Options(exchange="aster")) == []
    assert missing("bybit", CHANNELS) == []
