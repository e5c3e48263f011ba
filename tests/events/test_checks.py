"""An event of a market is made exactly when each of its fields is what it should be; else one that isn't is named."""

import math
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from deskmon.events import (
    LIMIT,
    MAX_NAME,
    MAX_TS,
    MIN_TS,
    Book,
    Funding,
    Liquidation,
    OpenInterest,
    Ticker,
    Trade,
)

NOW = 1_767_614_400_000
BELOW = math.nextafter(LIMIT, 0.0)
TIMES = (NOW, MIN_TS, MAX_TS, MIN_TS - 1, MAX_TS + 1, 0, -NOW, NOW // 1000)
NUMBERS = (1.5, 2, 5e-324, BELOW, 0.0, -0.0, 0, -1.5, -5e-324, -BELOW, LIMIT, -LIMIT, math.nan, math.inf, -math.inf)
NAMES = ("okx", "BTC/USDT:USDT", "ü", "x" * MAX_NAME, "x" * (MAX_NAME + 1), "", "a\tb", "\u200b")
WORDS = ("buy", "sell", "long", "short", "predicted", "settled", "", "BUY")


def is_time(value):
    return MIN_TS <= value <= MAX_TS


def is_name(value):
    return 1 <= len(value) <= MAX_NAME and value.isprintable()


def is_price(value):
    return 0 < value < LIMIT


def is_amount(value):
    return 0 <= value < LIMIT


def is_rate(value):
    return -LIMIT < value < LIMIT


def one_of(*words):
    return lambda value: value in words


def optional(rule):
    return lambda value: value is None or rule(value)


PLACED = {"ts": (TIMES, is_time), "recv": (TIMES, optional(is_time)), "venue": (NAMES, is_name),
          "symbol": (NAMES, is_name)}  # fmt: skip
RULES = {
    Ticker: PLACED
    | {"last": (NUMBERS, is_price)}
    | {name: (NUMBERS, optional(is_price)) for name in ("bid", "ask", "mark", "index")}
    | {name: (NUMBERS, optional(is_price)) for name in ("open_24h", "high_24h", "low_24h")}
    | {name: (NUMBERS, optional(is_amount)) for name in ("volume_24h", "quote_volume_24h")}
    | {"contract": (NAMES, optional(is_name))},
    Trade: PLACED
    | {"price": (NUMBERS, is_price), "amount": (NUMBERS, is_price), "side": (WORDS, one_of("buy", "sell"))}
    | {"id": (NAMES, lambda value: True)},
    Liquidation: PLACED
    | dict.fromkeys(("price", "amount", "usd"), (NUMBERS, is_price))
    | {"side": (WORDS, one_of("long", "short")), "id": (NAMES, lambda value: True)},
    Funding: PLACED
    | {"rate": (NUMBERS, is_rate), "interval_hours": (NUMBERS, is_price), "next_ts": (TIMES, optional(is_time))}
    | {"kind": (WORDS, one_of("predicted", "settled"))},
    OpenInterest: PLACED | {"amount": (NUMBERS, optional(is_amount)), "usd": (NUMBERS, is_amount)},
}
"""By kind and field: values at and beside every bound, and the plain rule."""


def _some(values, rule):
    """Mostly a value that is one, so that most events have at most one fault."""
    found = [*values, None] if _takes(rule, None) else list(values)
    good = [value for value in found if _takes(rule, value)]
    return st.one_of(st.just(good[0]), st.sampled_from(good), st.sampled_from(found))


def _takes(rule, value):
    with suppress(TypeError):
        return bool(rule(value))
    return False


def fields_of(kind):
    return st.fixed_dictionaries({name: _some(*rule) for name, rule in RULES[kind].items()})


def made(make, wrong):
    """The event where nothing is wrong; else None, once it was refused for a field that is wrong."""
    if not wrong:
        return make()
    with pytest.raises(ValueError, match=r"^\w+: ") as refused:
        make()
    assert str(refused.value).partition(":")[0] in wrong
    return None


@pytest.mark.parametrize("kind", RULES, ids=lambda kind: kind.__name__)
@settings(max_examples=400)
@given(data=st.data())
def test_an_event_is_made_exactly_when_each_field_keeps_its_rule(kind, data):
    fields = data.draw(fields_of(kind))
    wrong = {name for name, (_, rule) in RULES[kind].items() if not _takes(rule, fields[name])}
    for _ in range(2):  # names that were found good are looked at no more
        event = made(lambda: kind(**fields), wrong)
        assert event is None or asdict(event) == fields
    good = kind(
        **{name: next(each for each in values if _takes(rule, each)) for name, (values, rule) in RULES[kind].items()}
    )
    assert made(lambda: replace(good, **fields), wrong) == event


LEVELS = st.lists(st.tuples(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS)), max_size=3)
SORTED = st.lists(
    st.tuples(st.floats(1e-9, 1e9), st.sampled_from((1.5, 0.0, BELOW))), max_size=6, unique_by=lambda x: x[0]
)


@settings(max_examples=400)
@given(bids=LEVELS | SORTED.map(lambda levels: sorted(levels)[::-1]), asks=LEVELS | SORTED.map(sorted))
def test_a_book_is_made_exactly_when_its_levels_are_in_order_and_keeps_those_with_an_amount(bids, asks):
    def are_levels(levels, before):
        prices = [price for price, _ in levels]
        in_order = all(before(*two) for two in pairwise(prices))
        return in_order and all(is_price(price) and is_amount(amount) for price, amount in levels)

    wrong = {"bids"} - ({"bids"} if are_levels(bids, lambda one, two: one > two) else set())
    wrong |= {"asks"} - ({"asks"} if are_levels(asks, lambda one, two: one < two) else set())
    book = made(lambda: Book(ts=NOW, venue="okx", symbol="BTC/USDT", bids=tuple(bids), asks=tuple(asks)), wrong)
    if book is not None:
        assert book.bids == tuple(level for level in bids if level[1])
        assert book.asks == tuple(level for level in asks if level[1])
