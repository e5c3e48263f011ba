"""The calendar: what is due, and what was lately."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from deskmon.clock import DAY, HOUR
from deskmon.events import CalendarEntry
from deskmon.model.context_figures import CalendarFigure
from deskmon.model.options import Options
from deskmon.model.part import Part, stamp

HELD = 500
"""Entries that are held; beyond them those furthest ahead leave."""
PAST = 2 * DAY
"""Entries are told until so long (ms) after their time."""
EXPIRIES = "option chains"


class Calendar(Part[list[CalendarFigure]]):
    """Folds entries; its figures are in order of time, the expiries of the option chains among them."""

    def __init__(self, options: Options) -> None:
        self._options = options
        super().__init__()

    def clear(self) -> None:
        self.revision += 1
        self._entries: dict[str, CalendarEntry] = {}

    def fold(self, event: CalendarEntry) -> None:
        """Take an entry, in place of the one of its uid; without one, of its text and time."""
        key = event.uid or f"{event.time} {event.text}"
        held = self._entries.get(key)
        if event.removed:
            self._entries.pop(key, None)
            self.revision += 1
        elif held is None or stamp(event) >= held.ts:
            self._entries[key] = replace(event, ts=stamp(event), recv=None)
            self.revision += 1
        if len(self._entries) > HELD + HELD // 4:
            self._drop(stamp(event))

    def checkpoint(self) -> Any:
        return msgspec.to_builtins(self._entries)

    def restore(self, data: Any) -> None:
        self.clear()
        self._entries = msgspec.convert(data, dict[str, CalendarEntry])

    def _drop(self, now: int) -> None:
        """Forget what is over, then what is furthest ahead."""
        kept = sorted(self._entries.items(), key=lambda item: (item[1].time < now - PAST, item[1].time))
        self._entries = dict(kept[:HELD])

    def _version(self) -> int:
        return self.revision + self._options.revision

    def _compute(self, now: int) -> list[CalendarFigure]:
        told = [(each.time, each.text, each.source) for each in self._entries.values() if each.time > now - PAST]
        for expiry, underlyings in self._options.expiries(now).items():
            told.append((expiry, f"{', '.join(underlyings)} options expire", EXPIRIES))
        ordered = sorted(told, key=lambda each: (each[0], each[1]))[:HELD]
        return [
            CalendarFigure(time=time, in_ms=time - now, text=text, source=source, soon=0 <= time - now <= HOUR)
            for time, text, source in ordered
        ]
