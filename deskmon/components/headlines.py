"""Headlines: their text in lines, what tells one from another, which coin they name."""

from __future__ import annotations

import re

from deskmon.components.text import one_line, wrap
from deskmon.model.figures import HeadlineFigure

__all__ = [
    "headline_key",
    "is_about",
    "text_lines",
]


NAMES = {
    "BTC": ("bitcoin",), "ETH": ("ethereum", "ether"), "SOL": ("solana",), "XRP": ("ripple",), "BNB": ("binance coin",),
    "DOGE": ("dogecoin",), "ADA": ("cardano",), "LTC": ("litecoin",), "LINK": ("chainlink",), "AVAX": ("avalanche",),
    "ZEC": ("zcash",), "XMR": ("monero",), "HYPE": ("hyperliquid",),
}  # fmt: skip
"""What headlines call coins besides their tickers."""


def is_about(text: str, asset: str) -> bool:
    """Whether a headline names a coin, by its ticker in capitals or by a name of it, as a word of its own."""
    names = "|".join(map(re.escape, NAMES.get(asset, ())))
    named = bool(names) and re.search(rf"\b(?:{names})\b", text, re.IGNORECASE) is not None
    return named or re.search(rf"(?<![A-Za-z0-9]){re.escape(asset)}(?![A-Za-z0-9])", text) is not None


def headline_key(headline: HeadlineFigure) -> str:
    """What tells a headline from all others."""
    return f"{headline.ts}/{headline.source or ''}/{headline.text}"


def text_lines(text: str, width: int, most: int) -> list[str]:
    """Text from outside in at most `most` lines of words; a word longer than `width` cells is left as long as it is,
    and where lines are left out the last one ends in an ellipsis."""
    if width < 1:
        return []
    text = one_line(text)
    lines = wrap(text[: (most + 1) * max(width, 20)], width, whole_words=True)
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], lines[most - 1] + " …"]
