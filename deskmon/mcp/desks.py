"""What the tools read: a running hub, or a market of the past. Each gives a model at a moment, and figures over time.

A desk of either kind raises DeskError and UsageError with words for who asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from deskmon.background import start
from deskmon.config.schema import Config
from deskmon.configured_model import new_model
from deskmon.errors import DeskError, UsageError
from deskmon.model import Model
from deskmon.model.figure_path import parse
from deskmon.past import PastMarket
from deskmon.past.look_back import model_then
from deskmon.past.sampling import folded
from deskmon.past.series import FigureSeries, sampled
from deskmon.report import Report, make, week_span
from deskmon.report.sections import SECTIONS
from deskmon.timeline import parse_duration
from deskmon.transport.link import Link

HEARD_S = 20.0
"""Seconds that a hub gets until it is heard."""
NAMES = tuple(kind.name for kind in SECTIONS)
"""Sections of a report."""
POINTS, MOST_POINTS = 60, 500
"""Points of a figure over time where nobody says how many, and at most."""


class Desk(Protocol):
    """What can be read of a desk."""

    async def at(self, moment: str | None) -> tuple[Model, int]:
        """The model at a moment as people write it, the newest where None, and that moment (ms)."""
        ...

    async def series(self, figure: str, since: str | None, until: str | None, every: str | None) -> FigureSeries:
        """A figure between two moments."""
        ...

    async def report(
        self, since: str | None, until: str | None, assets: Sequence[str], sections: Sequence[str]
    ) -> Report:
        """The report of the stretch between two moments; of the week where absent."""
        ...


class PastDesk:
    """A market of the past: a journal, or an embedded one. One request at a time is folded, in a thread."""

    def __init__(self, config: Config, *, judge: bool) -> None:
        """judge: alerts are what the rules of `config` say; else what the hub that recorded it said."""
        self._config, self._judge = config, judge
        self._turn = asyncio.Lock()
        self._kept: tuple[int, Model] | None = None

    async def at(self, moment: str | None) -> tuple[Model, int]:
        """See `Desk`."""
        async with self._turn:
            return await asyncio.to_thread(self._at, moment)

    async def series(self, figure: str, since: str | None, until: str | None, every: str | None) -> FigureSeries:
        """See `Desk`."""
        async with self._turn:
            return await asyncio.to_thread(series_of, self._market(), figure, since, until, every)

    async def report(
        self, since: str | None, until: str | None, assets: Sequence[str], sections: Sequence[str]
    ) -> Report:
        """See `Desk`."""
        async with self._turn:
            return await asyncio.to_thread(report_of, self._market(), since, until, assets, sections)

    def _market(self) -> PastMarket:
        return PastMarket(self._config, judge=self._judge)  # anew: the journal of a running desk grows

    def _at(self, moment: str | None) -> tuple[Model, int]:
        market = self._market()
        at = market.whole.end if moment is None else market.moment(moment)
        if self._kept is None or self._kept[0] != at:
            [(_, model)] = folded(market, [at], judge=self._judge)
            self._kept = at, model
        return self._kept[1], at


class HubDesk:
    """A running hub: its model is followed, a moment is a look back, figures over time are read from its journal."""

    def __init__(self, config: Config, link: Callable[[], Link], journal: Callable[[str], Config]) -> None:
        """`link` makes a link to the hub; `journal` is the configuration on the journal at a path."""
        self._config, self._link, self._journal = config, link, journal
        self._model = new_model(config)
        self._following = link()
        self._heard = asyncio.Event()
        self._task = start(self._follow(), "the hub's stream")

    async def close(self) -> None:
        """Let the hub go."""
        self._task.cancel()
        await self._following.close()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        async for batch in self._following.events():
            self._model.apply(batch)
            if self._model.pulse is not None:
                self._heard.set()

    async def at(self, moment: str | None) -> tuple[Model, int]:
        """See `Desk`."""
        if moment is not None:
            try:
                return await model_then(self._link(), self._config, moment)
            except TimeoutError:
                raise DeskError("the hub doesn't answer", "start it, or look at its log") from None
        try:
            async with asyncio.timeout(HEARD_S):
                await self._heard.wait()
        except TimeoutError:
            raise DeskError(self._following.detail or "the hub doesn't answer", "start it, then ask again") from None
        pulse = self._model.pulse
        if pulse is None or self._following.state == "lost":
            raise DeskError(f"the hub is lost: {self._following.detail}", "start it, then ask again")
        return self._model, pulse.ts

    async def series(self, figure: str, since: str | None, until: str | None, every: str | None) -> FigureSeries:
        """See `Desk`."""
        return await asyncio.to_thread(series_of, await self._journal_market(), figure, since, until, every)

    async def report(
        self, since: str | None, until: str | None, assets: Sequence[str], sections: Sequence[str]
    ) -> Report:
        """See `Desk`."""
        return await asyncio.to_thread(report_of, await self._journal_market(), since, until, assets, sections)

    async def _journal_market(self) -> PastMarket:
        model, _ = await self.at(None)
        status = None if model.pulse is None else model.pulse.hub
        if status is None or status.journal is None:
            raise DeskError("this hub keeps no journal to read", "[journal] enabled = true keeps one, of a live desk")
        return PastMarket(self._journal(status.journal.path), judge=False)


def report_of(
    market: PastMarket, since: str | None, until: str | None, assets: Sequence[str], sections: Sequence[str]
) -> Report:
    """The report of a market between two moments. Raises UsageError."""
    for name in sections:
        if name not in NAMES:
            raise UsageError(f"a report has no section {name[:40]!r}", f"there are {', '.join(NAMES)}")
    return make(market, week_span(market, since, until), assets, sections)


def series_of(market: PastMarket, figure: str, since: str | None, until: str | None, every: str | None) -> FigureSeries:
    """A figure of a market between two moments, at most MOST_POINTS times. Raises UsageError."""
    if not parse(figure).is_number:
        raise UsageError(f"{figure} is no number", "over time there are numbers alone: prices.BTC.last")
    span = market.span(since, until)
    step = max(1_000, (span.end - span.start) // POINTS) if every is None else parse_duration(every)
    if (span.end - span.start) // step >= MOST_POINTS:
        raise UsageError(f"that has more than {MOST_POINTS} points", "take longer steps, or a shorter stretch")
    return sampled(market, figure, span, step)
