"""Series that come as CSV: FRED's daily ones, Stooq's quotes."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from deskmon.events import MIN_TS, Metric
from deskmon.feeds.context.answers import (
    CLOSED,
    Answer,
    Unreadable,
    at_hour,
    day,
    is_page,
    needed,
    number,
    refuse_challenge,
)

FRED = {
    "DGS10": ("us10y", "percent"),
    "NASDAQ100": ("ndx", "points"),
    "SP500": ("spx", "points"),
    "DTWEXBGS": ("usd_broad", "index"),  # the broad dollar, which isn't DXY
}
"""FRED's series, what the desk calls each, and its unit."""
STOOQ = {"^ndx": ("ndx", "points"), "^spx": ("spx", "points"), "qqq.us": ("qqq", "USD"), "msft.us": ("msft", "USD")}


def lines(answer: Answer) -> tuple[Sequence[str], list[dict[str, str]]]:
    """(header, rows by column) of a CSV. Raises Unreadable."""
    if is_page(answer.content):
        refuse_challenge(answer.content)
        raise Unreadable("a web page in place of CSV")
    try:
        reader = csv.DictReader(answer.content.decode("utf-8-sig").splitlines(), strict=True)
        header = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = header
        found = list(reader)
    except (UnicodeDecodeError, csv.Error) as fault:
        raise Unreadable(f"no CSV: {fault}") from fault
    if not found:
        raise Unreadable(f"no row of a table: {answer.content[:60].decode('utf-8', 'replace').strip()!r}")
    return header, found


def _column(header: Sequence[str], *names: str) -> str:
    by_name = {name.lower(): name for name in header}
    for name in names:
        if name.lower() in by_name:
            return by_name[name.lower()]
    raise Unreadable(f"the header has no column {names[0]}: {', '.join(header)[:80]}")


def fred(answer: Answer) -> Iterator[Metric]:
    """Each day's value; a dot or nothing is a day without one. The column's name says which series it is.
    Raises Unreadable."""
    header, found = lines(answer)
    date = _column(header, "observation_date", "DATE")
    known = [name for name in header if name.upper() in FRED]
    if not known:
        raise Unreadable(f"the header has none of {', '.join(FRED)}: {', '.join(header)[:80]}")
    for column in known:
        name, unit = FRED[column.upper()]
        for row in found:
            value = number(row[column])
            ts = at_hour(day(row[date]), CLOSED)
            if value is not None and ts >= MIN_TS:  # some begin in the sixties
                yield Metric(ts=ts, name=name, value=value, unit=unit, source="FRED")


def stooq(answer: Answer) -> Iterator[Metric]:
    """The day's close of a light quote. Its history answers `Get your apikey`, which is no table."""
    header, found = lines(answer)
    symbol, date, close = (_column(header, name) for name in ("Symbol", "Date", "Close"))
    for row in found:
        asked = _asked(answer.url) or row[symbol].lower()
        name, unit = _named(STOOQ, asked)
        ts = at_hour(day(row[date], "%Y%m%d", "%Y-%m-%d"), CLOSED)
        yield Metric(ts=min(ts, answer.at), name=name, value=needed(row[close], "Close"), unit=unit, source="Stooq")


def _asked(url: str) -> str:
    return parse_qs(urlsplit(url).query).get("s", [""])[0].lower()


def _named(known: Mapping[str, tuple[str, str]], symbol: str) -> tuple[str, str]:
    return known.get(symbol, (symbol.removesuffix(".us").lstrip("^"), "USD"))
