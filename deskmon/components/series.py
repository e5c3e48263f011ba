"""Context series: how each is called, its values and changes written."""

from __future__ import annotations

from deskmon import format as fmt
from deskmon.components.panel import Span
from deskmon.components.text import one_line
from deskmon.model.figures import MetricFigure

__all__ = [
    "mood",
    "series_change",
    "series_name",
    "series_order",
    "series_unit",
    "series_value",
]

SERIES_NAMES = {
    "fear_greed": "Fear & Greed",
    "total_market_cap": "total market cap",
    "btc_dominance": "BTC dominance",
    "cd20": "CoinDesk 20",
    "dxy": "dollar index",
    "usd_broad": "broad dollar",
    "us10y": "US 10-year",
    "ndx": "Nasdaq-100",
    "qqq": "Nasdaq-100 (QQQ)",
    "spx": "S&P 500",
    "igv": "software (IGV)",
    "msft": "Microsoft",
    "gold": "gold",
    "silver": "silver",
    "sopr_sth": "SOPR short-term",
    "sopr_lth": "SOPR long-term",
    "active_loans": "active loans",
    "loans_usde": "USDe loans",
    "loans_weth": "WETH loans",
    "stablecoin_supply": "stablecoins",
    "etp_aum": "ETP assets",
}
"""Series that the desk knows by name, in the order they are shown; further ones follow under their own names."""

FEAR = ((24, "extreme fear"), (44, "fear"), (55, "neutral"), (75, "greed"), (100, "extreme greed"))
PERCENT_UNITS = ("percent", "%", "pct")


def series_order(name: str) -> tuple[int, str]:
    """Where a series stands among others."""
    known = list(SERIES_NAMES)
    return (known.index(name) if name in SERIES_NAMES else len(known), name)


def series_name(name: str) -> str:
    """How it is called."""
    for prefix, of in (("supply_", "supply"), ("market_cap_", "market cap"), ("etf_aum_", "ETF assets")):
        if name.startswith(prefix):
            return f"{name.removeprefix(prefix).upper()} {of}"
    return SERIES_NAMES.get(name, name)


def mood(value: float) -> str:
    """The class of a value of the Fear & Greed index, 0 to 100; "" outside."""
    return next((word for most, word in FEAR if 0 <= round(value) <= most), "")


def series_value(value: float | None) -> str:
    """Any value to about six significant figures, without zeros that say nothing: 9, 4.21, 4,893, 2.92T."""
    if value is None or abs(value) >= 1e6:
        return fmt.amount(value)
    text = fmt.price(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def series_unit(name: str, figure: MetricFigure) -> str:
    """What stands beside the value: the class of Fear & Greed, whether SOPR is a loss, else the unit."""
    if name == "fear_greed":
        return mood(figure.value)
    if name.startswith("sopr"):
        return "loss" if figure.value < 1 else "profit" if figure.value > 1 else "even"
    return one_line(figure.unit or "")


def series_change(name: str, figure: MetricFigure, window: str) -> Span:
    """Its change in a window: points of Fear & Greed, basis points of what is a percentage, percent of the rest."""
    if name == "fear_greed":
        text = fmt.percent(figure.change[window], 0).removesuffix("%")
    elif figure.unit in PERCENT_UNITS:
        change = figure.change[window]
        text = fmt.percent(None if change is None else change * 100, 0).replace("%", "bp")
    else:
        text = fmt.percent(figure.change_pct[window])
    return text, "up" if text[0] == "+" else "down" if text[0] == fmt.MINUS else "text"
