"""What the server knows: the model of the hub that it follows, and the events that came."""

from __future__ import annotations

from collections.abc import Callable

from deskmon.config.schema import Config
from deskmon.configured_model import new_model
from deskmon.errors import DeskError
from deskmon.events import Event, Reset
from deskmon.http.event_log import EventLog
from deskmon.model import Model
from deskmon.transport.link import Link

ANSWERS = 64
"""Answers that are kept from one heartbeat to the next."""


class Unanswerable(DeskError):
    """What was asked for can't be told now: the hub is lost, or was not heard yet."""


class FollowedDesk:
    """Folds the stream of a hub. An answer is made once in a heartbeat, however many ask for it."""

    def __init__(self, link: Link, config: Config, log: EventLog) -> None:
        self.log = log
        self.config = config
        self.model: Model = new_model(config)
        self._link = link
        self._answers: dict[str, tuple[int, bytes]] = {}
        self._heard = False

    async def run(self) -> None:
        """Follow the hub until cancelled, through all its restarts."""
        try:
            async for batch in self._link.events():
                self._take(batch)
        finally:
            await self._link.close()

    def _take(self, batch: list[Event]) -> None:
        if any(type(event) is Reset for event in batch):
            if self._heard:
                self.log.interrupt("the hub began its stream again", self.now)
            self._heard = True
        self.model.apply(batch)
        self.log.add(batch)

    @property
    def now(self) -> int:
        """The desk clock as of the newest heartbeat (ms); 0 before the first."""
        return 0 if self.model.pulse is None else self.model.pulse.ts

    @property
    def started(self) -> int:
        """When the market begins (ms)."""
        return self.now if self.model.header is None else self.model.header.started

    def check(self) -> None:
        """Raises Unanswerable where nothing can be told of now."""
        if self.model.pulse is None:
            raise Unanswerable("the hub was not heard yet", "ask again in a second")
        if self._link.state == "lost":
            raise Unanswerable(f"the hub is lost: {self._link.detail or 'it is silent'}", "ask again in some seconds")

    def answer(self, about: str, make: Callable[[Model, int], bytes]) -> bytes:
        """What `make` says of the model at its desk time; `about` names it among all answers. Raises Unanswerable, and
        what `make` raises."""
        self.check()
        pulse = self.model.pulse
        assert pulse is not None
        kept = self._answers.get(about)
        if kept is not None and kept[0] == pulse.seq:
            return kept[1]
        made = make(self.model, pulse.ts)
        if len(self._answers) >= ANSWERS:
            self._answers.clear()
        self._answers[about] = (pulse.seq, made)
        return made
