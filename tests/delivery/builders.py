"""Notices, routes and outboxes for the tests."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from deskmon.clock import ManualClock
from deskmon.delivery.answer import Answer
from deskmon.delivery.notice import Message, Notice
from deskmon.delivery.outbox import Outbox
from deskmon.delivery.route import Route, RouteRules

T0 = 1_760_000_000_000


def notice(rule: str, at: int = T0, state: str = "firing", **fields: Any) -> Notice:
    return Notice(rule=rule, state=state, ts=at, since=fields.pop("since", at), **fields)


class Told:
    """A sender that takes what it is given, or answers as it is told."""

    def __init__(self, *answers: Answer) -> None:
        self.messages: list[Message] = []
        self.answers = list(answers)

    async def send(self, message: Message) -> Answer:
        self.messages.append(message)
        return self.answers.pop(0) if self.answers else Answer(True, "taken")

    @property
    def rules(self) -> list[list[str]]:
        return [[notice.rule for notice in message.alerts] for message in self.messages]


class Bench:
    """A route with an outbox and a clock that moves by hand."""

    def __init__(self, folder: Path, sender: Any, rules: RouteRules | None = None) -> None:
        self.clock, self.sender = ManualClock(T0), sender
        self.outbox = Outbox(folder / "outbox.db")
        self.changes: list[bool] = []
        self.recorded: list[tuple[int, int, int]] = []
        """What a desk's other hubs were told: messages that wait, that wait no more; how many were tried by then."""
        self.route = Route(
            "phone", sender, rules or RouteRules(), self.outbox, desk="desk", now=self.clock.now,
            rng=random.Random(1), changed=lambda route: self.changes.append(route.failing), recorded=self._record,
        )  # fmt: skip

    async def _record(self) -> None:
        """Take note of what another hub would know now."""
        shared = self.outbox.share(self.clock.now())
        self.recorded.append((len(shared.waiting), len(shared.done), len(self.sender.messages)))

    def add(self, *notices: Notice) -> None:
        for number, _, each in self.outbox.add([("phone", each) for each in notices]):
            self.route.add(number, each)

    async def until(self, end: int) -> None:
        """Do what is due up to `end`, at each moment that the route names; then stand there."""
        due = await self.route.step()
        while due is not None and due <= end:
            self.clock.set(max(due, self.clock.now()))
            due = await self.route.step()
        self.clock.set(max(end, self.clock.now()))
