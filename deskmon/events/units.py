"""What the numbers of events count: the table of docs/journal.md."""

from __future__ import annotations

from deskmon.events.base import Event

TIME = "ms since 1970, UTC"
DOLLARS = "US dollars"
QUOTE = "the quote's currency"
COINS = "coins"
NUMBER = "a number"

_WORDS = (
    (TIME, "ts recv open_time next_ts expiry time since until start peak end last_event started"),
    ("ms", "lag_ms blocked_ms heard_ms"),
    ("hours", "interval_hours"),
    (QUOTE, "last bid ask mark index open high low close price open_24h high_24h low_24h quote_volume_24h"),
    ("its `quote_currency`", "option.bid option.ask option.mark"),
    (DOLLARS, "strike underlying_price average_cost usd aum_usd long_usd short_usd by_venue by_symbol bands"),
    ("US dollars a minute", "peak_usd_per_min"),
    (COINS, "amount volume volume_24h open_interest delta"),
    (f"{QUOTE}, then {COINS}", "bids asks"),
    ("a fraction of the position, per interval", "rate"),
    ("percent", "price_move_pct open_interest_change_pct"),
    ("percent a year", "mark_iv bid_iv ask_iv volatility_index.value"),
    ("coins per US dollar", "gamma"),
    ("what its `unit` says", "metric.value"),
    ("what the figure that the rule read counts", "alert.value"),
    ("that of the figure", "day_value.value"),
    ("points of the sources of a level", "score"),
    (NUMBER, "count dropped events rejected reconnects version nonce id pace"),
)
_UNITS = {word: unit for unit, words in _WORDS for word in words.split()}


def unit_of(kind: type[Event], field: str) -> str:
    """The unit of a field of an event, "" where it holds no number."""
    return _UNITS.get(f"{kind.__struct_config__.tag}.{field}") or _UNITS.get(field, "")
