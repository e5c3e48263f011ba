"""cryptoetf.today: flows into funds of XRP and others, by issuer or in sum, millions of dollars.

On Saturdays and holidays its rows repeat the day before. A zero of the newest day may mean that nothing was published
yet, and one issuer is a day late: such a zero gives nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deskmon.events import EtfFlow
from deskmon.feeds.context.answers import (
    ALL_FUNDS,
    CLOSED,
    MILLION,
    Answer,
    Parse,
    Unreadable,
    at_hour,
    day,
    decoded,
    is_weekday,
    mapping,
    member,
    number,
    rows,
)

PROVIDER = "cryptoetf.today"
_NO_FUNDS = frozenset({"date", "total"})


def flows(asset: str) -> Parse:
    """What the funds of `asset` took in, each business day."""

    def parse(answer: Answer) -> Iterator[EtfFlow]:
        data = mapping(decoded(answer))
        if "rows" in data:
            yield from _by_issuer(asset, data)
        elif "days" in data:
            yield from _in_sum(asset, data)
        else:
            raise Unreadable("neither rows nor days are in it")

    return parse


def _by_issuer(asset: str, data: Mapping[str, Any]) -> Iterator[EtfFlow]:
    before: dict[str, float | None] = {}
    listed = rows(data, "rows")
    for row in listed:
        when = day(member(row, "date"))
        if "total" not in row:
            raise Unreadable(f"total is missing on {when}")
        values = {name: number(value) for name, value in row.items() if name not in _NO_FUNDS and "rice" not in name}
        repeats = bool(before) and values == before and any(values.values())
        before = values
        if is_weekday(when) and not repeats:
            for fund, value in values.items():
                if value or (value is not None and row is not listed[-1]):
                    yield _flow(asset, fund, when.isoformat(), value, at_hour(when, CLOSED))


def _in_sum(asset: str, data: Mapping[str, Any]) -> Iterator[EtfFlow]:
    for row in rows(data, "days"):
        when, value = day(member(row, "date")), number(member(row, "netFlowUsdM"))
        if is_weekday(when) and value:  # a zero doesn't say whether it was published
            yield _flow(asset, ALL_FUNDS, when.isoformat(), value, at_hour(when, CLOSED))


def _flow(asset: str, fund: str, date: str, millions: float, ts: int) -> EtfFlow:
    return EtfFlow(ts=ts, asset=asset, fund=fund, date=date, usd=round(millions * MILLION), source=PROVIDER)
