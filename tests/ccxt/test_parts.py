"""The feed's parts by themselves: quotes, ledger, symbols, addresses, intervals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.errors import UsageError
from deskmon.feeds.ccxt import CcxtFeed, parse
from deskmon.feeds.ccxt.exchanges import check_exchange, exchange_ids, market_types, merge_urls, venue_name
from deskmon.feeds.ccxt.instruments import Instrument, instrument, resolve
from deskmon.feeds.ccxt.ledger import Occurrences, Seen
from deskmon.testing import check_feed

NOW = 1_790_000_000_000


async def test_the_feed_keeps_the_contract_of_all_feeds():
    nowhere = dict.fromkeys(("spot", "futures", "v2", "public", "private"), "http://127.0.0.1:9")
    probe = await check_feed(CcxtFeed("test", CcxtFeed.Options(exchange="bybit", urls=nowhere)))
    assert probe.statuses[0][0] == "connecting"


def test_an_unknown_exchange_names_the_nearest_and_a_known_one_passes():
    assert {"binanceusdm", "bybit", "okx", "deribit", "hyperliquid", "htx", "gate"} <= set(exchange_ids())
    check_exchange("bybit")
    with pytest.raises(UsageError, match="bybit"):
        check_exchange("bybitt")
    assert CcxtFeed.validate_options(CcxtFeed.Options(exchange="krakn"))[0][0] == "exchange"
    assert venue_name("binancecoinm") == "binance"


def test_addresses_are_laid_over_level_by_level():
    api = {"rest": "a", "ws": {"public": {"spot": "b", "linear": "c"}}}
    assert merge_urls(api, {"ws": {"public": {"linear": "x"}}}) == {
        "rest": "a", "ws": {"public": {"spot": "b", "linear": "x"}},
    }  # fmt: skip
    assert api["ws"]["public"]["linear"] == "c"
    assert merge_urls("wss://one", {"public": "x"}) == {"public": "x"}


@pytest.mark.parametrize(
    ("symbols", "kept"),
    [
        (("BTC",), ["linear", "inverse"]),
        (("BTC/USDT:USDT",), ["linear"]),
        (("BTC/USD:BTC",), ["inverse"]),
        (("BTC/USDT", "BTC/USDT:USDT-261225"), ["spot", "linear"]),
        (("BTC/USD:BTC-261225-100000-C",), ["option"]),
    ],
)
def test_only_the_kinds_of_market_that_are_needed_are_loaded(symbols, kept):
    class Exchange:
        options = {"fetchMarkets": {"types": ["spot", "linear", "inverse", "option"]}}  # noqa: RUF012

    market_types(Exchange, symbols)
    assert Exchange.options["fetchMarkets"]["types"] == kept


def market(symbol, base, quote, settle=None, **fields):
    contract = settle is not None
    return {"id": symbol, "symbol": symbol, "base": base, "quote": quote, "settle": settle, "contract": contract,
            "swap": contract, "spot": not contract, "inverse": settle == base, **fields}  # fmt: skip


MARKETS = {
    m["symbol"]: m
    for m in (
        market("BTC/USD:BTC", "BTC", "USD", "BTC"),
        market("BTC/USDC:USDC", "BTC", "USDC", "USDC"),
        market("BTC/USDT:USDT", "BTC", "USDT", "USDT"),
        market("BTC/USDT", "BTC", "USDT"),
        market("XMR/USD", "XMR", "USD"),
        market("BTC/EUR:EUR", "BTC", "EUR", "EUR"),
    )
}


def test_a_bare_base_is_the_main_perpetual_or_else_spot():
    assert resolve("bybit", MARKETS, ["BTC", "btc", "XMR"]) == (["BTC/USDT:USDT", "XMR/USD"], [])
    assert resolve("deribit", MARKETS, ["BTC"]) == (["BTC/USD:BTC"], [])
    found, missing = resolve("bybit", MARKETS, ["BTC/USDT:USDTT", "NOPE"])
    assert found == []
    assert "BTC/USDT:USDT" in missing[0]
    assert "NOPE" in missing[1]


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (market("BTC/USDT", "BTC", "USDT"), "spot"),
        (market("BTC/USDT:USDT", "BTC", "USDT", "USDT", linear=True), "linear"),
        (market("BTC/USD:USDC", "BTC", "USD", "USDC", linear=True), "linear"),
        (market("BTC/USD:BTC", "BTC", "USD", "BTC"), "inverse"),
        (market("ETH/USD:BTC", "ETH", "USD", "BTC", inverse=False), "quanto"),
    ],
)
def test_the_kind_of_an_instrument(raw, kind):
    assert instrument("bybit", raw).kind == kind


@given(st.lists(st.sampled_from("abcdef"), max_size=60), st.integers(1, 8))
def test_seen_is_exact_within_its_capacity(ids, capacity):
    seen, order = Seen(capacity), []
    for identity in ids:
        assert seen.add(identity) is (identity not in order[-capacity:])
        if identity not in order[-capacity:]:
            order = [*[known for known in order if known != identity][-capacity:], identity]


def test_occurrences_begin_again_with_each_source():
    count = Occurrences(100)
    assert [count.number(1, "x"), count.number(1, "x"), count.number(2, "x"), count.number(1, "y")] == [1, 2, 1, 1]


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abc")), max_size=60), st.integers(1, 8))
def test_occurrences_forget_the_pair_that_was_numbered_longest_ago(pairs, capacity):
    count, known = Occurrences(capacity), {}
    for pair in pairs:
        number = known.pop(pair, 0) + 1
        known[pair] = number
        known = dict([*known.items()][-capacity:])
        assert count.number(*pair) == number


@pytest.mark.parametrize(
    ("sources", "hours"),
    [
        (("8h",), 8.0),
        ((None, {"fundingIntervalHour": "4"}), 4.0),
        (({"fundingIntervalHours": 1},), 1.0),
        (({"funding_interval": 28800},), 8.0),
        (({"funding_interval": 28_800_000},), None),
        (({"fundingIntervalHour": ""}, None, 8), None),
    ],
)
def test_a_funding_interval_is_what_the_venue_states_or_nothing(sources, hours):
    assert parse.interval_hours(*sources) == hours


def test_settlements_a_few_ms_late_are_whole_hours_apart():
    assert parse.hours_between(NOW, NOW + 4 * 3_600_000 + 7) == 4.0
    assert parse.hours_between(NOW, NOW) is None


def test_books_in_base_coins():
    raw = {"bids": [[100.0, 3.0, 1], [99.0, 0.0, 0], [98.0, 5.0, 1]], "asks": [[101.0, 2.0]], "timestamp": NOW}
    linear = Instrument("i", "S", "B", "USDT", "USDT", "linear", 0.1)
    inverse = Instrument("i", "S", "B", "USD", "B", "inverse", 10.0)
    assert parse.book(raw, linear, "v", NOW, 2).bids == ((100.0, pytest.approx(0.3)), (98.0, 0.5))
    assert parse.book(raw, inverse, "v", NOW, 1).bids == ((100.0, pytest.approx(0.3)),)


def test_trade_ids_too_long_for_a_float_are_not_used():
    raw = {"price": 1, "amount": 1, "side": "buy", "timestamp": NOW, "id": "3.26e+23", "info": {"tradeId": 77}}
    spot = Instrument("i", "S", "B", "USDT", "USDT", "spot")
    assert parse.trade(raw, spot, "htx", NOW).id == "S#77"
    assert parse.trade({**raw, "info": {}}, spot, "htx", NOW).id is None
