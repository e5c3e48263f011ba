"""What a venue's numbers count, contracts, base coins or quote money, for each kind of market; said nowhere else.

ccxt promises contracts in trades, books and open interest of contracts, and base coins in the volumes of candles and
tickers. Its venues keep that promise each in its own way, so nothing is taken for granted: what has no row here isn't
told as open interest or volume. Each row is tested with a frame of the venue, recorded or of its documentation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from deskmon.feeds.ccxt.exchanges import venue_name

Unit = Literal["contracts", "base", "quote"]

Kind = Literal["spot", "linear", "inverse", "quanto"]


class Figure(NamedTuple):
    """A number in a venue's record: its path, names joined by dots, and what it counts.

    beside: a name that `info` must hold too, where the same path counts something else in another record of the venue.
    """

    path: str
    unit: Unit
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Units:
    """What the numbers of one kind of market on one venue count; None and () where that isn't known.

    trades, books, liquidations: amounts. streamed, candles: volume of candles by websocket and by request. volume: of
    24 hours, in the ticker. interest, polled: open interest in the ticker's frame and in ccxt's answer to a request.
    past: what ccxt's past open interest counts, `openInterestValue` where it is quote, else `openInterestAmount`.
    withheld: figures, in words, that the venue tells though nobody stated what they count.
    """

    trades: Unit = "contracts"
    books: Unit = "contracts"
    liquidations: Unit = "contracts"
    streamed: Unit | None = None
    candles: Unit | None = None
    volume: tuple[Figure, ...] = ()
    interest: tuple[Figure, ...] = ()
    polled: tuple[Figure, ...] = ()
    past: Unit | None = None
    withheld: str = ""


UNKNOWN = Units(withheld="open interest and volumes")
"""Of a market without a row: amounts of trades and books by ccxt's promise, and nothing else."""

UNIFIED = (Figure("baseVolume", "base"), Figure("quoteVolume", "quote"))
AMOUNT, VALUE = "openInterestAmount", "openInterestValue"

SPOT = Units(trades="base", books="base", streamed="base", candles="base", volume=UNIFIED)
"""Spot markets count coins everywhere."""

_COINS = replace(SPOT, liquidations="base")
"""Contracts whose sizes are in base coins."""
_DOLLARS = Units(trades="quote", books="quote", liquidations="quote", streamed="base", candles="base")
"""Inverse contracts whose sizes are in US dollars, and whose candles are in coins."""
_CONTRACTS = Units(streamed="base", candles="base", volume=UNIFIED)
"""Sizes in contracts, volumes in coins."""


_BYBIT_INTEREST = ("info.singleOpenInterest", "info.openInterest")


def _counts(unit: Unit, *paths: str) -> tuple[Figure, ...]:
    """Figures of which the first that is there counts, all in one unit."""
    return tuple(Figure(path, unit) for path in paths)


ROWS: dict[tuple[str, Kind | Literal["option"]], Units] = {
    ("aster", "linear"): replace(_COINS, polled=_counts("base", AMOUNT)),
    ("binance", "linear"): replace(_COINS, polled=_counts("base", AMOUNT), past="base"),
    # Streamed candles: `v` is contracts, `q` coins, and `BinanceCandles` of frame_fixes.py takes `q`.
    ("binance", "inverse"): replace(_CONTRACTS, polled=_counts("contracts", AMOUNT), past="contracts"),
    ("bingx", "linear"): replace(_COINS, polled=_counts("quote", VALUE)),
    ("bingx", "inverse"): Units(
        streamed="contracts", candles="contracts",
        volume=(Figure("info.m", "base"), Figure("info.q", "quote", beside="m")),
        polled=_counts("base", AMOUNT),
    ),
    ("bitget", "linear"): replace(
        _COINS, interest=_counts("base", "info.holdingAmount"), polled=_counts("base", AMOUNT)
    ),
    ("bitget", "inverse"): Units(
        trades="base", books="base", liquidations="base", streamed="base", candles="base",
        interest=_counts("base", "info.holdingAmount"), polled=_counts("base", AMOUNT),
        withheld="the volume of 24 h",
    ),
    ("bybit", "linear"): replace(
        _COINS,
        volume=(Figure("info.volume24h", "base"), Figure("info.turnover24h", "quote")),
        interest=_counts("base", *_BYBIT_INTEREST), polled=_counts("base", AMOUNT), past="base",
    ),
    ("bybit", "inverse"): replace(
        _DOLLARS,
        volume=(Figure("info.turnover24h", "base"), Figure("info.volume24h", "quote")),
        interest=_counts("quote", *_BYBIT_INTEREST), polled=_counts("quote", VALUE), past="quote",
    ),
    ("bybit", "option"): replace(
        _COINS,
        volume=(Figure("info.volume24h", "base"), Figure("info.turnover24h", "quote")),
        interest=_counts("base", "info.openInterest"),
    ),
    ("coinbaseinternational", "linear"): _COINS,
    ("deribit", "linear"): replace(
        _COINS, interest=_counts("base", "info.open_interest"), polled=_counts("base", "info.open_interest")
    ),
    ("deribit", "inverse"): replace(
        _DOLLARS,
        volume=UNIFIED,
        interest=_counts("quote", "info.open_interest"),
        polled=_counts("quote", "info.open_interest"),
    ),
    ("deribit", "option"): replace(
        _COINS,
        volume=(Figure("info.stats.volume", "base"),),
        interest=_counts("base", "info.open_interest"),
        polled=_counts("base", "info.open_interest"),
    ),
    ("dydx", "linear"): replace(_COINS, volume=()),
    ("gate", "linear"): Units(
        streamed="contracts", candles="contracts", volume=UNIFIED,
        interest=_counts("contracts", "info.total_size"),
    ),
    ("gate", "inverse"): Units(
        streamed="contracts", candles="contracts", volume=UNIFIED,
        interest=_counts("contracts", "info.total_size"),
    ),
    ("hitbtc", "linear"): replace(_COINS, polled=_counts("base", "info.open_interest")),
    ("htx", "linear"): replace(_CONTRACTS, polled=_counts("contracts", AMOUNT), past="base"),
    ("htx", "inverse"): replace(_CONTRACTS, polled=_counts("contracts", AMOUNT), past="base"),
    ("hyperliquid", "linear"): replace(
        _COINS,
        volume=(Figure("info.dayBaseVlm", "base"), Figure("info.dayNtlVlm", "quote")),
        interest=_counts("base", "info.openInterest"),
        polled=_counts("base", AMOUNT),
    ),
    ("hyperliquid", "spot"): replace(
        SPOT, volume=(Figure("info.dayBaseVlm", "base"), Figure("info.dayNtlVlm", "quote"))
    ),
    ("kraken", "linear"): replace(_COINS, interest=_counts("base", "info.openInterest")),
    ("kraken", "inverse"): Units(
        trades="quote", books="quote", streamed="quote", candles="quote",
        volume=(Figure("info.volumeQuote", "quote"), Figure("info.vol24h", "quote")),
        interest=_counts("quote", "info.openInterest"),
    ),
    ("kucoin", "linear"): Units(
        streamed="contracts", candles="contracts", volume=UNIFIED, polled=_counts("contracts", AMOUNT),
        past="contracts",
    ),
    ("kucoin", "inverse"): Units(
        streamed="contracts", candles="contracts", polled=_counts("contracts", AMOUNT), past="contracts",
        withheld="the volume of 24 h",
    ),
    # Its websocket tells open interest in dollars, its answers to requests tell it in coins, under one name.
    ("lighter", "linear"): replace(
        _COINS,
        interest=(
            Figure("info.open_interest", "quote", beside="open_interest_limit"),
            Figure("info.open_interest", "base", beside="size_decimals"),
        ),
    ),
    ("mexc", "linear"): Units(
        streamed="contracts", candles="contracts", volume=UNIFIED, interest=_counts("contracts", "info.holdVol")
    ),
    ("mexc", "inverse"): Units(
        streamed="contracts", candles="contracts", volume=UNIFIED, interest=_counts("contracts", "info.holdVol")
    ),
    ("okx", "linear"): replace(
        _CONTRACTS,
        volume=(Figure("info.volCcy24h", "base"),),
        polled=_counts("contracts", AMOUNT),
        past="contracts",
    ),
    ("okx", "inverse"): replace(
        _CONTRACTS,
        volume=(Figure("info.volCcy24h", "base"), Figure("info.vol24h", "contracts")),
        polled=_counts("contracts", AMOUNT),
        past="contracts",
    ),
    ("phemex", "linear"): replace(
        _COINS, volume=(Figure("info.volumeRq", "base"), Figure("info.turnoverRv", "quote")),
        polled=_counts("base", "info.openInterestRv"),
    ),
}  # fmt: skip
"""By the venue's short name, or the id in ccxt where one venue's ids differ, and the kind of market."""


def units_of(exchange: str, kind: Kind, *, option: bool = False) -> Units:
    """The row of a market of the exchange with this id in ccxt; `UNKNOWN` where there is none."""
    sort: Kind | Literal["option"] = "option" if option else kind
    row = ROWS.get((exchange, sort)) or ROWS.get((venue_name(exchange), sort))
    return row or (SPOT if sort == "spot" else UNKNOWN)


def find(record: Mapping[str, Any], figures: Iterable[Figure]) -> tuple[float, Unit] | None:
    """The first of `figures` that `record` holds, and what it counts. Raises ValueError where it is no number."""
    for path, unit, beside in figures:
        if beside and beside not in (record.get("info") or ()):
            continue
        value: Any = record
        for name in path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        if value is not None and value != "":
            return float(value), unit
    return None


def markdown() -> str:
    """The table of docs/units.md."""
    heads = ("venue", "market", "trades", "books", "candles streamed", "asked", "24 h volume", "open interest in the "
             "ticker", "asked", "of the past")  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for (venue, kind), row in sorted({**ROWS, ("every other", "spot"): SPOT}.items()):
        cells = (
            venue, kind, row.trades, row.books, row.streamed, row.candles, _units(row.volume), _units(row.interest),
            _units(row.polled), row.past,
        )  # fmt: skip
        lines.append(f"| {' | '.join(cell or '—' for cell in cells)} |")
    return "\n".join(lines)


def _units(figures: Iterable[Figure]) -> str:
    return ", ".join(dict.fromkeys(figure.unit for figure in figures))
