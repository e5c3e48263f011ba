"""`python -m deskmon.bench.noted_keys FILE ARGS…`: deskmon, noting what each key cost from its arrival to its answer.

A line of JSON for each key: `cpu_ms`, processor time of the loop's thread from when the key was read to the write of
its answer; `at_s`, when that was; `events`, how many events the screen had folded by then; `heard`, how many the hub
had heard of its feeds, as it said last.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from typing import IO

from textual.events import Key
from textual.message import Message

from deskmon.cli import main
from deskmon.events import Event, FeedStatus
from deskmon.model import Model
from deskmon.terminal.driver import ThinDriver


class Notes:
    """What was noted of keys in one process, whose loop runs in the thread that makes this."""

    def __init__(self, file: IO[str]) -> None:
        self._written = file
        self._clock = time.pthread_getcpuclockid(threading.get_ident())
        self._came: float | None = None
        self.events = 0
        self._heard: dict[str, int] = {}

    def folded(self, events: Sequence[Event]) -> None:
        """The screen folded these."""
        self.events += len(events)
        for event in events:
            if type(event) is FeedStatus and not event.service:
                self._heard[event.feed] = event.events

    def came(self) -> None:
        """A key was read, in the thread that reads the terminal."""
        if self._came is None:
            self._came = time.clock_gettime(self._clock)

    def answered(self) -> None:
        """Its answer was written."""
        if self._came is not None:
            cpu_ms = (time.clock_gettime(self._clock) - self._came) * 1000
            self._came = None
            noted = {"cpu_ms": cpu_ms, "at_s": time.monotonic(), "events": self.events}
            self._written.write(json.dumps({**noted, "heard": sum(self._heard.values())}) + "\n")


def note(notes: Notes) -> None:
    """Have driver and model of this process tell `notes`."""
    read, send, fold = ThinDriver.process_message, ThinDriver.send, Model.apply

    def process_message(driver: ThinDriver, message: Message) -> None:
        if isinstance(message, Key):
            notes.came()
        read(driver, message)

    def send_answer(driver: ThinDriver) -> None:
        send(driver)
        notes.answered()

    def apply(model: Model, events: Iterable[Event]) -> None:
        folded = list(events)
        notes.folded(folded)
        fold(model, folded)

    ThinDriver.process_message = process_message  # type: ignore[assignment,method-assign]
    ThinDriver.send = send_answer  # type: ignore[assignment,method-assign]
    Model.apply = apply  # type: ignore[assignment,method-assign]


if __name__ == "__main__":
    with open(sys.argv[1], "w", buffering=1) as file:
        note(Notes(file))
        sys.exit(main(sys.argv[2:]))
