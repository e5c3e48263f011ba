"""When levels are read anew. They hang on nearly everything, and to find them takes some milliseconds; but they turn
when a candle closes. So the levels of an asset are read after each close, and every half minute for what else moves."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

from deskmon.assets import symbols_of
from deskmon.clock import SECOND
from deskmon.model import Model

EVERY = 30
"""Seconds between two readings without a close; of a time-lapse so many times its pace."""


class LevelTurns:
    """Remembers which close of which asset was seen."""

    def __init__(self) -> None:
        self._symbols: dict[str, str] = {}
        self._closed: dict[str, int] = {}

    def due(self, model: Model, now: int, names: Iterable[str]) -> frozenset[str]:
        """Those of `names` (assets or symbols) whose levels are to be read at desk time `now` (ms): of those with a new
        close one at a time, so that the whole hour doesn't hold the loop."""
        beat, off_beat = divmod(now, SECOND * (1 if model.header is None else model.header.pace))
        if off_beat:
            return frozenset()
        found = {name for name in names if beat % EVERY == crc32(name.encode()) % EVERY}
        for name in names:
            symbol = self._symbol(model, name)
            closed = 0 if symbol is None else model.levels.closed(symbol, now)
            if closed != self._closed.get(name):
                self._closed[name] = closed
                return frozenset({*found, name})
        return frozenset(found)

    def forget(self) -> None:
        """Begin anew."""
        self._symbols.clear()
        self._closed.clear()

    def _symbol(self, model: Model, name: str) -> str | None:
        """The symbol that a name stands for, once there is one."""
        if name not in self._symbols:
            symbols = model.levels.symbols
            found = [name] if name in symbols else symbols_of(name, symbols)
            if not found:
                return None
            self._symbols[name] = found[0]
        return self._symbols[name]
