"""Whether a change of an order book follows the one before it, where ccxt doesn't look itself.

Binance (`u`, `pu`), OKX (`seqId`), HTX, Gate, KuCoin and Bitget (checksum) are checked by ccxt, which then drops the
book. Hyperliquid and Aster send whole books each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Step(NamedTuple):
    """One frame of a book. `book`: the venue's id of the market. `before`: the number that this change follows; None
    for a whole book. `after`: its own number."""

    book: str
    before: int | None
    after: int


def bybit(frame: Mapping[str, Any]) -> Step | None:
    """`u` counts by one; a snapshot begins afresh."""
    if not str(frame.get("topic", "")).startswith("orderbook."):
        return None
    number = int(frame["data"]["u"])
    return Step(frame["data"]["s"], None if frame["type"] == "snapshot" else number - 1, number)


def deribit(frame: Mapping[str, Any]) -> Step | None:
    """Each change names the `change_id` that it follows; a snapshot and a book of fixed depth name none."""
    params = frame.get("params") or {}
    if not str(params.get("channel", "")).startswith("book."):
        return None
    data = params["data"]
    before = data.get("prev_change_id")
    return Step(data["instrument_name"], None if before is None else int(before), int(data["change_id"]))


STEPS: dict[str, Callable[[Mapping[str, Any]], Step | None]] = {
    "bybit": bybit,
    "deribit": deribit,
}
"""By the venue's short name."""


class Sequence:
    """The numbers of one connection: the last of each book, None while it waits for a whole one."""

    def __init__(self) -> None:
        self._last: dict[str, int | None] = {}

    def follows(self, step: Step) -> bool | None:
        """Whether a frame belongs to its book. None: it is the first that doesn't, so something was missed."""
        known = self._last.get(step.book)
        if step.before is None or known == step.before:
            self._last[step.book] = step.after
            return True
        self._last[step.book] = None
        return None if known is not None else False
