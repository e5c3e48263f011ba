"""Answers about what was: each is a process of its own, a few at once, ended with the request that asked."""

from __future__ import annotations

import sys

import msgspec

from deskmon.config.schema import Config
from deskmon.errors import DeskError
from deskmon.http.requests import Ask, SeriesAsk
from deskmon.report.asking import COMMAND, ReportAsk
from deskmon.transport.child import answer_of
from deskmon.transport.wire import pack_message

AT_ONCE = 4
"""Such answers that are made at once; a hub lets as many look back."""
PATIENCE_S = 40.0
"""Seconds that one may take: a hub gets 30 of them to fold its journal."""
REPORT_PATIENCE_S = 300.0
"""Seconds that a report may take, which reads a week of the journal."""
_COMMAND = (sys.executable, "-P", "-m", "deskmon.http.past_worker")


class Busy(DeskError):
    """As many answers about what was are being made as may be."""


class PastAsk(msgspec.Struct, frozen=True):
    """What the process is told: how the model is made, the hub's socket, what is asked for, and of which moment (ms),
    where it is no series."""

    config: Config
    hub: str
    ask: Ask | SeriesAsk
    at: int = 0


class Past:
    """Starts the processes, and counts them."""

    def __init__(self, hub: str) -> None:
        """`hub` is the path of the hub's socket."""
        self._hub = hub
        self._running = 0
        self._reports = False

    async def answer(self, ask: Ask, config: Config, at: int) -> bytes:
        """What was answered at desk time `at` (ms). Raises Busy where four are being made, UsageError and DeskError as
        the process says."""
        return await self._counted(PastAsk(config, self._hub, ask, at))

    async def series(self, ask: SeriesAsk, config: Config) -> bytes:
        """A figure over time. Raises as `answer`."""
        return await self._counted(PastAsk(config, self._hub, ask))

    async def report(self, asked: ReportAsk) -> bytes:
        """A report. Raises as `answer`; Busy where one is being made."""
        if self._reports:
            raise Busy("a report is being made already", "ask again in a minute")
        self._reports = True
        try:
            return await answer_of(COMMAND, pack_message(asked), REPORT_PATIENCE_S)
        finally:
            self._reports = False

    async def _counted(self, asked: PastAsk) -> bytes:
        if self._running >= AT_ONCE:
            raise Busy(f"{AT_ONCE} answers about the past are being made already", "ask again in some seconds")
        self._running += 1
        try:
            return await answer_of(_COMMAND, pack_message(asked), PATIENCE_S)
        finally:
            self._running -= 1
