"""The model: a fold over the stream of events. One writer, no locks, no clock of its own.

Hub and screen fold the same events with this code; panels and `deskmon state` read the same figures from it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from deskmon.analytics.level_settings import LevelSettings
from deskmon.analytics.wave_settings import Parameters
from deskmon.events import (
    MIN_TS,
    Alert,
    Book,
    CalendarEntry,
    Candle,
    Checkpoint,
    DayValue,
    DepthSample,
    EtfFlow,
    Event,
    FeedStatus,
    Funding,
    Gap,
    Headline,
    Holding,
    HoldingTrade,
    Journal,
    Level,
    Liquidation,
    LiquidationDay,
    Metric,
    Mode,
    Note,
    OpenInterest,
    Option,
    PinnedLevel,
    Pulse,
    Reset,
    Ticker,
    Trade,
    VolatilityIndex,
    Wave,
)
from deskmon.events.unread import UnreadBook
from deskmon.model.alerts import Alerts
from deskmon.model.calendar import Calendar
from deskmon.model.candles import Candles
from deskmon.model.changes import Changes
from deskmon.model.correlations import Correlations
from deskmon.model.day_values import DayValues
from deskmon.model.depth import Depth
from deskmon.model.feeds import Feeds
from deskmon.model.figures import HubFigure, LiquidationFigures, State
from deskmon.model.finder import DirectFinder, Finder
from deskmon.model.flows import Flows
from deskmon.model.funding import FundingRates
from deskmon.model.headlines import Headlines
from deskmon.model.holders import Holders
from deskmon.model.hub_figures import hub_figure
from deskmon.model.largest import LargestOrders
from deskmon.model.levels import Levels
from deskmon.model.liquidations import Liquidations
from deskmon.model.metrics import Metrics
from deskmon.model.open_interest import OpenInterests
from deskmon.model.options import Options
from deskmon.model.part import WENT_BACK, Part
from deskmon.model.price_buckets import PriceBuckets
from deskmon.model.prices import Prices
from deskmon.model.returns import Returns
from deskmon.model.session_log import SessionLog
from deskmon.model.tape import Tape
from deskmon.model.waves import Waves

TOPICS = (
    "prices",
    "liquidations",
    "waves",
    "price_buckets",
    "trades",
    "funding",
    "open_interest",
    "depth",
    "options",
    "metrics",
    "flows",
    "holders",
    "headlines",
    "calendar",
    "days",
    "feeds",
    "candles",
    "levels",
    "log",
    "alerts",
    "clock",
)
"""Names a panel may list in `topics`; `clock` moves with every pulse."""

FAULTS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What folding an impossible event may raise."""


class Model:
    """Everything the desk knows. `revisions[topic]` moves whenever something of the topic changed."""

    takes_alerts = True
    """Whether what the stream says of alerts counts: not where rules are judged anew."""

    def __init__(
        self,
        *,
        depth_reference: str = "mid",
        depth_since: str = "",
        big_trade_usd: float = 100_000.0,
        waves: Parameters | None = None,
        levels: LevelSettings | None = None,
        finder: Finder | None = None,
    ) -> None:
        self.finder: Finder = finder or DirectFinder()
        """Where levels and option chains are found."""
        self.days = DayValues()
        self.candles = Candles()
        self.prices = Prices(Returns(self.candles), self.days)
        self.tape = Tape(big_trade_usd)
        self.price_buckets = PriceBuckets()
        self.open_interest = OpenInterests()
        largest = LargestOrders()
        self.waves = Waves(self.prices, self.open_interest, largest, waves or Parameters())
        self.liquidations = Liquidations(self.tape, largest, (self.price_buckets, self.waves))
        self.funding = FundingRates(self.open_interest)
        self.depth = Depth(self.days, depth_reference, depth_since)
        self.options = Options(self.days, self.finder)
        self.metrics = Metrics()
        self.holders = Holders(self.prices, self.metrics)
        self.flows = Flows(self.holders, self.prices, self.metrics)
        self.headlines = Headlines()
        self.calendar = Calendar(self.options)
        self.log = SessionLog(self.waves, self.funding, self.flows)
        self.feeds = Feeds()
        self.correlations = Correlations(self.candles, self.metrics)
        self.levels = Levels(
            self.candles, self.prices, self.depth, self.price_buckets, self.options, levels or LevelSettings(),
            self.finder,
        )  # fmt: skip
        self.levels.holders = (self.holders,)
        self.alerts, self.changes = Alerts(), Changes(self)
        self._parts: dict[str, Part[Any]] = {
            "prices": self.prices, "liquidations": self.liquidations, "trades": self.tape, "funding": self.funding,
            "open_interest": self.open_interest, "depth": self.depth, "metrics": self.metrics, "feeds": self.feeds,
            "price_buckets": self.price_buckets, "waves": self.waves, "options": self.options,
            "candles": self.candles, "levels": self.levels, "flows": self.flows, "holders": self.holders,
            "headlines": self.headlines, "calendar": self.calendar, "log": self.log, "alerts": self.alerts,
            "days": self.days,
        }  # fmt: skip
        self._figures = self._figures_by_key()
        self._parts_of_keys: dict[str, tuple[Part[Any], ...]] = {
            **{key: (self._parts[key],) for key in self._figures if key in self._parts},
            "liquidations": (self.liquidations, self.waves), "holdings": (self.holders,), "waves": (self.waves,),
            "scenarios": (self.alerts,),
        }  # fmt: skip
        self._handlers: dict[type, Callable[[Any], None]] = {}
        self._clock = 0
        self._start()

    def _start(self) -> None:
        self.header: Journal | None = None
        for part in self._parts.values():
            part.pace = 1
        self.pulse: Pulse | None = None
        self.rejected = 0
        self.samples: deque[tuple[str, str]] = deque(maxlen=20)
        self._handlers.update({
            Reset: lambda event: self.clear(), Checkpoint: self._restore, Pulse: self._beat, Journal: self._open,
            PinnedLevel: self.levels.fold, Level: self.log.fold, Note: self.log.fold, Wave: self.waves.fold,
            Alert: self._alert,
        })  # fmt: skip
        self._handlers.update(dict.fromkeys(self._market_handlers(), self._first))

    def _market_handlers(self) -> dict[type, Callable[[Any], None]]:
        return {
            Ticker: self._quote, Candle: self._candle, Trade: self.tape.fold,
            Liquidation: self._liquidate, LiquidationDay: self.liquidations.fold_day, Funding: self._fund,
            OpenInterest: self.open_interest.fold, Book: self.depth.fold, UnreadBook: self.depth.fold,
            DepthSample: self.depth.fold_sample, DayValue: self.days.fold, Metric: self.metrics.fold,
            FeedStatus: self._status, Gap: self._gap, Option: self.options.fold,
            VolatilityIndex: self.options.fold_index, EtfFlow: self._flow, Holding: self.holders.fold,
            HoldingTrade: self.holders.fold_trade, Headline: self._headline,
            CalendarEntry: self.calendar.fold,
        }  # fmt: skip

    @property
    def revisions(self) -> dict[str, int]:
        """By topic of `TOPICS`."""
        return {"clock": self._clock, **{topic: part.revision for topic, part in self._parts.items()}}

    def apply(self, events: Iterable[Event]) -> None:
        """Fold events in their order. One that can't be folded is counted in `rejected` with a sample, never raised."""
        handlers = self._handlers
        for event in events:
            try:
                handlers[type(event)](event)
            except FAULTS as fault:
                self.rejected += 1
                self.samples.append((type(event).__name__, f"{type(fault).__name__}: {fault}"))
                self.feeds.refuse(f"{type(event).__name__}: {fault}")

    def clear(self) -> None:
        """Forget everything, as a reset in the stream does."""
        for part in self._parts.values():
            part.clear()
        self._clock += 1
        self._start()

    def snapshot(self) -> list[Event]:
        """Events that make any model into one that knows what this one knows: a reset, the header, a checkpoint of
        each part, the newest pulse."""
        return list(self.checkpoints())

    def checkpoints(self) -> Iterator[Event]:
        """The same one at a time, for who lets others run between two: they fit only if nothing is folded meanwhile."""
        known = (self.pulse, self.header)
        ts = next((event.ts for event in known if event is not None), MIN_TS)
        yield Reset(ts=ts)
        if self.header is not None:
            yield self.header
        for name, part in self._parts.items():
            yield Checkpoint(ts=ts, part=name, data=part.checkpoint())
        if self.pulse is not None:
            yield self.pulse

    def notes(self, since: int, now: int) -> list[Event]:
        """What the desk is to know after a restart, beside what its feeds tell: of `since` (ms) or later."""
        return [
            *self.depth.samples(since), *self.days.notes(since), *self.liquidations.day_notes(since, now)
        ]  # fmt: skip

    def state(self, now: int) -> State:
        """All figures at desk time `now` (ms UTC)."""
        return State(**{key: self.figures(key, now) for key in State.__struct_fields__})

    def figures(self, key: str, now: int) -> Any:
        """What the state has under one of its keys at desk time `now` (ms UTC): no other part is computed."""
        return self._figures[key](now)

    def version(self, key: str) -> int | None:
        """Moves whenever an event may have changed what the state has under `key`; None where nothing tells that."""
        parts = self._parts_of_keys.get(key, ())
        return sum(part.changes_so_far for part in parts) if parts else None

    def _figures_by_key(self) -> dict[str, Callable[[int], Any]]:
        return {
            "at": lambda now: now, "mode": lambda now: self.mode,
            "source": lambda now: self.header.source if self.header else "live", "hub": lambda now: self._hub(),
            "hubs": lambda now: self._hubs(),
            "prices": self.prices.figures, "liquidations": self._liquidations, "funding": self.funding.figures,
            "open_interest": self.open_interest.figures, "options": self.options.figures,
            "levels": self.levels.figures, "depth": self.depth.figures, "flows": self.flows.figures,
            "holdings": self.holders.figures, "metrics": self.metrics.figures, "headlines": self.headlines.figures,
            "calendar": self.calendar.figures, "correlations": self.correlations.figures, "log": self.log.figures,
            "feeds": self.feeds.figures, "alerts": self.alerts.figures, "scenarios": self.alerts.scenarios,
        }  # fmt: skip

    def _liquidations(self, now: int) -> LiquidationFigures:
        return msgspec.structs.replace(
            self.liquidations.figures(now), waves=self.waves.figures(now), stresses=self.waves.stresses(now),
            wave_baseline=self.waves.baseline(now),
        )  # fmt: skip

    def _hub(self) -> HubFigure | None:
        pulse = self.pulse
        if pulse is None or pulse.late_ms is None:
            return None
        return hub_figure(pulse.hub, pulse.late_ms, pulse.late_by or None)

    def _hubs(self) -> dict[str, HubFigure]:
        told = {} if self.pulse is None else self.pulse.hubs
        return {hub: hub_figure(status, status.loop_lag_ms, None) for hub, status in sorted(told.items())}

    @property
    def mode(self) -> Mode:
        """The pulse's mode, else the header's; without either, live for a live source and replay for any other."""
        if self.pulse is not None:
            return self.pulse.mode
        if self.header is None:
            return "live"
        return self.header.mode or ("live" if self.header.source == "live" else "replay")

    def _first(self, event: Event) -> None:
        """The first event of a market without a header: the desk has listened since it arrived."""
        self._listen(event.arrival)
        self._handlers[type(event)](event)

    def _listen(self, since: int) -> None:
        self.liquidations.listen(since)
        self.waves.listen(since)
        self._handlers.update(self._market_handlers())

    def _open(self, header: Journal) -> None:
        self.header = header
        for part in self._parts.values():
            part.pace = header.pace
        self._listen(header.started)

    def _beat(self, pulse: Pulse) -> None:
        self.pulse = pulse
        self._clock += 1

    def _quote(self, ticker: Ticker) -> None:
        arrival = ticker.recv or ticker.ts
        if not 0 < self.log.due - arrival < WENT_BACK:
            self.log.reach(arrival)
        self.prices.fold_ticker(ticker)
        self.candles.fold_ticker(ticker)

    def _candle(self, candle: Candle) -> None:
        self.prices.fold_candle(candle)
        self.candles.fold_candle(candle)

    def _liquidate(self, liquidation: Liquidation) -> None:
        self.log.reach(liquidation.arrival)
        self.liquidations.fold_liquidation(liquidation)

    def _fund(self, funding: Funding) -> None:
        self.funding.fold(funding)
        self.log.fold(funding)

    def _flow(self, flow: EtfFlow) -> None:
        self.flows.fold(flow)
        self.log.flowed(flow.asset)

    def _headline(self, headline: Headline) -> None:
        known = self.headlines.revision
        self.headlines.fold(headline)
        if self.headlines.revision != known:
            self.log.fold(headline)

    def _alert(self, alert: Alert) -> None:
        if not self.takes_alerts:
            return
        before = self.alerts.told(alert.rule)
        self.alerts.fold(alert)
        self.log.fold_alert(alert, before)

    def _status(self, status: FeedStatus) -> None:
        arrival = status.recv or status.ts
        if not 0 < self.log.due - arrival < WENT_BACK:
            self.log.reach(arrival)
        self.feeds.fold_status(status)
        self.liquidations.fold_status(status)
        self.log.fold_status(status)

    def _gap(self, gap: Gap) -> None:
        self.feeds.fold(gap)
        self.liquidations.fold(gap)
        self.waves.fold(gap)
        self.log.fold(gap)

    def _restore(self, checkpoint: Checkpoint) -> None:
        part = self._parts[checkpoint.part]
        try:
            part.restore(checkpoint.data)
        except FAULTS:
            part.clear()
            raise
        if self.liquidations.since is not None:
            self._handlers.update(self._market_handlers())
