"""Yahoo's chart of an index, future or share. Unofficial, so off by default; often answers 429."""

from __future__ import annotations

from collections.abc import Iterator

from deskmon.events import Metric
from deskmon.feeds.context.answers import Answer, Unreadable, decoded, mapping, member, needed, number, rows, seconds

PROVIDER = "Yahoo"
SERIES = {
    "DX-Y.NYB": ("dxy", "index"),
    "^NDX": ("ndx", "points"),
    "^GSPC": ("spx", "points"),
    "QQQ": ("qqq", "USD"),
    "IGV": ("igv", "USD"),
    "MSFT": ("msft", "USD"),
    "GC=F": ("gold", "USD/oz"),
    "SI=F": ("silver", "USD/oz"),
}
"""Yahoo's symbols, what the desk calls each, and its unit."""


def chart(answer: Answer) -> Iterator[Metric]:
    """Each day's close, then the newest price with its own time. A day whose close is null has none yet.
    Raises Unreadable."""
    data = decoded(answer)
    fault = member(data, "chart", "error")
    if fault:
        raise Unreadable(f"it refuses: {fault!s:.80}")
    result = mapping(rows(data, "chart", "result"), 0)
    meta = mapping(result, "meta")
    symbol = str(member(meta, "symbol"))
    name, unit = SERIES.get(symbol, (symbol.lower(), str(meta.get("currency") or "")))
    last = seconds(member(meta, "regularMarketTime"))
    times = result.get("timestamp") or []
    closes = member(result, "indicators", "quote", 0, "close") if times else []
    if len(times) != len(closes):
        raise Unreadable(f"{len(times)} days and {len(closes)} closes")
    for time, close in zip(times, closes, strict=True):
        value = number(close)
        if value is not None and seconds(time) < last:
            yield Metric(ts=seconds(time), name=name, value=value, unit=unit, source=PROVIDER)
    price = needed(member(meta, "regularMarketPrice"), "regularMarketPrice")
    yield Metric(ts=last, name=name, value=price, unit=unit, source=PROVIDER)
