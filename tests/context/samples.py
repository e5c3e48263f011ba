"""What the sources of context answer: recorded where $DESKMON_RECORDED has it, else made by its description."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deskmon.clock import DAY
from deskmon.events import Event
from deskmon.feeds.context.answers import Answer, Parse

RECORDED = Path(os.environ.get("DESKMON_RECORDED", Path(__file__).parents[3] / "shared" / "data")) / "context"
NOW = 1_795_900_000_000
"""2026-11-28, after everything that was recorded."""

recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded data: set DESKMON_RECORDED")


def content(name: str) -> bytes:
    """A recorded answer."""
    return (RECORDED / name).read_bytes()


def read(parse: Parse, answer: bytes, *, url: str = "http://127.0.0.1/", at: int = NOW) -> list[Event]:
    """The events of an answer."""
    return list(parse(Answer(url, answer, "", at)))


def eth_page(*rows: str, funds: str = "ETHA FETH ETHW CETH ETHV QETH EZET ETHE ETH") -> bytes:
    """A page of flows of ETH, made by its description: tickers, fees, seeds with asterisks, a fund called ETH."""
    names = funds.split()

    def row(cells: list[str], kind: str) -> str:
        return f"<tr>{''.join(f'<{kind}><span>{cell}</span></{kind}>' for cell in cells)}</tr>"

    heads = [row(["", *["" for _ in names], "Total"], "th"), row(["", *names, ""], "th")]
    extra = [row(["Fee", *["0.25%" for _ in names], ""], "td"), row(["Seed", *["9,199.3*" for _ in names], "10"], "td")]
    days = [row(each.split("|"), "td") for each in rows]
    foot = [row(["Total", *["1.0" for _ in names], "9.0"], "td"), row(["Average", *["1.0" for _ in names], "9"], "td")]
    return f"<html><body><table class='etf'>{''.join([*heads, *extra, *days, *foot])}</table></body></html>".encode()


def days_ago(count: int) -> int:
    return NOW - count * DAY
