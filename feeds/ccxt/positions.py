"""Bitfinex's liquidations, by request: the newest of the whole venue, told by position."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from deskmon.feeds.ccxt.ledger import Seen

if TYPE_CHECKING:
    from deskmon.feeds.ccxt.session import Session

ROWS = 500
"""Rows in one answer, at most."""
REMEMBERED = 10_000

Row = Sequence[Any]


class PositionRows:
    """A poll. A position is told once when its liquidation begins, and again with each part of it that is executed: the
    first counts the whole position, so the others are left out. Parts whose beginning was never told count by
    themselves. The venue answers three times a minute."""

    EVERY_S: ClassVar[float] = 60.0

    def __init__(self, session: Session) -> None:
        self._session = session
        self._begun = Seen(REMEMBERED)

    async def fetch(self) -> None:
        """Ask once, and hand what counts to the session."""
        exchange = self._session.exchange
        answer = await exchange.public_get_liquidations_hist({"limit": ROWS})
        rows = []
        for row in self.counted([entry[0] for entry in answer]):
            market = exchange.safe_market(row[4])
            if market.get("contract"):  # others are positions on margin, of spot markets
                rows.append({"symbol": market["symbol"], "timestamp": int(row[2]), "info": row})
        self._session.polled_liquidations(rows)

    def counted(self, rows: Iterable[Row]) -> list[Row]:
        """Those of `rows` that count a position once, oldest first."""
        ordered = sorted(rows, key=lambda row: (int(row[2]), bool(row[8])))
        for row in ordered:
            if not row[8]:
                self._begun.add(str(row[1]))
        return [row for row in ordered if not row[8] or str(row[1]) not in self._begun]
