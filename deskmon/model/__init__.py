"""The model: a fold over the stream of events. One writer, no locks, no clock of its own.

Hub and screen fold the same events with this code; panels and `deskmon state` read the same figures from it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from deskmon.events import (
    Book, Candle, Checkpoint, Event, FeedStatus, Funding, Gap, Journal, Liquidation, OpenInterest, Reset, Ticker, Trade,
)  # fmt: skip
from deskmon.model.depth import Depth
from deskmon.model.feeds import Feeds
from deskmon.model.figures import State
from deskmon.model.funding import FundingRates
from deskmon.model.liquidations import Liquidations
from deskmon.model.open_interest import OpenInterests
from deskmon.model.prices import Prices
from deskmon.model.tape import Tape

TOPICS = ("prices", "liquidations", "trades", "funding", "open_interest", "depth", "feeds", "clock")
"""Names a panel may list in `topics`; `clock` moves with every pulse."""


class Model:
    """Everything the desk knows. `revisions[topic]` moves whenever something of the topic changed."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything, as a reset in the stream does."""
        self.header: Journal | None = None
        self.prices = Prices()
        self.liquidations = Liquidations()
        self.tape = Tape()
        self.funding = FundingRates()
        self.open_interest = OpenInterests()
        self.depth = Depth()
        self.feeds = Feeds()
        self.rejected = 0
        self.samples: deque[tuple[str, str]] = deque(maxlen=20)
