"""The panel guard: draws one panel, times it, and turns any fault of its into a card in its own cell."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from deskmon.clock import SECOND
from deskmon.components.choices import Key
from deskmon.components.panel import EACH_FRAME, Frame, Intent, Line, Needs, Panel, Span
from deskmon.components.text import clean, wrap
from deskmon.errors import DeskError

if TYPE_CHECKING:
    from deskmon.components.shared import SharedTable
    from deskmon.model.view import ModelView

T = TypeVar("T")

SLOW_MS = 50.0
"""A hook that takes longer marks its panel slow."""
REST = 20.0
"""A slow panel rests this many times as long as its last draw took."""
BUDGET_MS = 1_500.0
"""What hooks take beyond SLOW_MS adds up in a leaking bucket; a panel that fills it is suspended."""
LEAK_MS_PER_S = 10.0

FLASH = "flash"
"""Style of a figure that is bright for a draw where it changes."""

WORKED_IN_MS = SECOND // 2
"""How often the focused panel is drawn while no wave runs. A key in it is answered at once."""

LATE = 1.5
"""Paces of a panel after which one that moved is drawn though the desk's clock, of a slow replay, is not so far."""

STILL_MS = 10 * SECOND
"""A figure that stood this long is brighter for a draw when it changes; what moves all the time would only twinkle."""


class PanelHost:
    """Keeps one panel: its newest lines, its heading, and whether it is well. The panel is made when it is first asked
    for: a screen's first frame has no figures, and needs none of the code that draws them."""

    def __init__(
        self,
        name: str,
        make: Callable[[], Panel],
        *,
        perf: Callable[[], float] = time.perf_counter,
        log: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.name = name
        self._make, self._perf, self._log = make, perf, log
        self._panel: Panel | None = None
        self._keys: tuple[Key, ...] = ()
        self._is_made = False
        self._reset()

    def restart(self) -> None:
        """Make the panel afresh; what it did before is forgiven."""
        self._reset()
        self.start()

    def start(self) -> None:
        """Make the panel, where it isn't made yet."""
        if self._is_made:
            return
        self._is_made = True

        def made() -> tuple[Panel, tuple[Key, ...]]:
            panel = self._make()
            return panel, tuple(panel.keys)

        self._panel, self._keys = self._guarded("start", made) or (None, ())

    @property
    def panel(self) -> Panel | None:
        """The panel; None of one that can't be made."""
        self.start()
        return self._panel

    @property
    def keys(self) -> tuple[Key, ...]:
        """The panel's own keys."""
        self.start()
        return self._keys

    @property
    def offered(self) -> tuple[Key, ...]:
        """The same, none of a panel that isn't made yet."""
        return self._keys

    def _reset(self) -> None:
        self.fault = self.suspended = ""
        self.slow_ms = 0.0
        self._is_made = False
        self._panel = None
        self._keys = ()
        self.lines: Sequence[Line] = ()
        self.heading, self.note = self.name, ""
        self.oldest: int | None = None
        self.follow_closely = ""
        self._awaits = False
        self.answers: frozenset[str] = frozenset()
        """Which of the desk's keys do something in the panel as it was drawn."""
        self._rest_until = 0.0
        self._spent, self._charged_at = 0.0, self._perf()
        self._seen: tuple[Any, ...] = ()
        self._drawn_at = 0
        self._began_at = 0.0
        self._oldest_ts: int | None = None
        self._age_updated_at = 0
        self._moved: dict[tuple[int, int], int] = {}

    def refresh(self, frame: Frame, *, force: bool = False, wave: bool = False, stands: bool = False) -> bool:
        """Draw where something moved; True where the lines may have changed. A panel is drawn at its own pace, the one
        that somebody works in twice a second, or with each frame while a `wave` runs. All are drawn on the second or
        its half: then each colour is sent once for all of them. stands: the clock does, so that no later frame would
        draw what moved, nor how old things are."""
        if not self.panel or self.fault or self.suspended:
            return force
        seen = (self._revisions(frame.model), frame.width, frame.height, frame.symbol, frame.focused)
        moved = seen != self._seen
        due = moved or frame.now != self._drawn_at if stands else self._due(self.panel, frame, wave, moved)
        moved = force or due or seen[1:] != self._seen[1:]
        if not moved or (self._perf() < self._rest_until and not force):
            self._update_age(frame.now)
            return False
        flash = not force and seen[1:4] == self._seen[1:4]
        self._seen, self._drawn_at = seen, frame.now
        self._draw(self.panel, frame, flash)
        return True

    def _due(self, panel: Panel, frame: Frame, wave: bool, moved: bool) -> bool:
        """Whether it is time to draw a panel, `moved` or not. A clock that goes slowly keeps nobody waiting."""
        now, drawn_at = frame.now, self._drawn_at
        if moved and self._awaits:
            return True
        if frame.focused:
            pace = EACH_FRAME if wave else WORKED_IN_MS
        else:
            pace = panel.wave_interval_ms if wave else panel.min_interval_ms
        if moved and ((pace < SECOND and now // pace != drawn_at // pace) or self._is_late(pace)):
            return True
        pace = max(pace, SECOND)
        return now // pace != drawn_at // pace

    def _is_late(self, pace: int) -> bool:
        """Whether more time than the pace allows has passed for who looks, whatever the desk's clock says."""
        return (self._perf() - self._began_at) * SECOND >= LATE * pace

    def on_action(self, action: str, frame: Frame) -> Intent | None:
        """Hand an action to the panel; its fault is its own."""
        if not self.panel or self.fault or self.suspended:
            return None
        panel = self.panel
        started = self._perf()

        def answer() -> Intent | None:
            intent = panel.on_action(action, frame)
            if intent is not None and not isinstance(intent, Intent):
                raise TypeError(f"{type(intent).__name__} is no intent")
            return intent

        intent = self._guarded(f"key {action}", answer)
        self._charge_time((self._perf() - started) * 1000)
        return intent

    def hideable(self, frame: Frame) -> list[tuple[str, bool]]:
        """What of the panel may be hidden, and whether it is shown."""
        panel = self.panel
        if panel is None or self.broken:
            return []
        known = self._guarded("hideable", lambda: [(str(name), bool(shown)) for name, shown in panel.hideable(frame)])
        return known or []

    def needs(self, frame: Frame) -> Needs | None:
        """What the panel needs on `frame`; None where it can't tell."""
        panel = self.panel
        return None if panel is None or self.broken else self._guarded("needs", lambda: panel.needs(frame))

    def proposes(self, frame: Frame) -> str:
        """The rule that the panel proposes."""
        panel = self.panel
        if panel is None or self.broken:
            return ""
        return self._guarded("proposes", lambda: str(panel.proposes(frame))) or ""

    def plots(self, frame: Frame) -> str:
        """The path of the figure under the cursor."""
        panel = self.panel
        return "" if panel is None or self.broken else self._guarded("plots", lambda: str(panel.plots(frame))) or ""

    def compares(self, frame: Frame) -> list[str]:
        """Paths of the figures that the panel shows."""
        panel = self.panel
        if panel is None or self.broken:
            return []
        return self._guarded("compares", lambda: [str(path) for path in panel.compares(frame)]) or []

    def shared_tables(self, frame: Frame) -> list[SharedTable]:
        """The panel's tables, for who hands them on."""
        panel = self.panel
        if panel is None or self.broken:
            return []
        from deskmon.components.shared import shared_tables  # no frame needs it

        return self._guarded("tables", lambda: shared_tables(panel, frame)) or []

    def shared_row(self, frame: Frame) -> SharedTable | None:
        """The row under the cursor as a table of one row."""
        panel = self.panel
        if panel is None or self.broken:
            return None
        from deskmon.components.shared import shared_row

        return self._guarded("row", lambda: shared_row(panel, frame))

    def options_now(self, held: dict[str, Any]) -> dict[str, Any] | None:
        """Options of a panel that looks as this one does now, as a layout has them: those that differ from the default,
        and those `held` there already. None where it can't tell."""
        panel = self.panel
        if panel is None or self.broken:
            return None

        def differing() -> dict[str, Any]:
            now = panel.options_now()
            plain: dict[str, Any] = _as_toml(now)
            default = {field.encode_name: _default(field) for field in msgspec.structs.fields(now)}
            return {name: value for name, value in plain.items() if value != default[name] or name in held}

        return self._guarded("options", differing)

    def card(self, width: int) -> list[Line]:
        """What stands in the cell of a panel that can't draw, in lines of `width` cells."""
        if self.suspended:
            title, words, key = (f"{self.name} suspended", "warn bold"), self.suspended, "r restart"
        else:
            title, words, key = (f"{self.name} failed", "error"), self.fault, "r restart · see the log"
        return [[title], *([(line, "text")] for line in wrap(words, max(1, width))), [(key, "accent")]]

    @property
    def filtered(self) -> bool:
        """Whether the panel shows only what matches a text."""
        panel = self.panel
        return panel is not None and not self.broken and bool(self._guarded("filtered", lambda: panel.filtered))

    @property
    def broken(self) -> bool:
        """True where the card stands in for the panel."""
        return bool(self.fault or self.suspended)

    def _update_age(self, now: int) -> None:
        """What is shown ages on the second, drawn anew or not."""
        if self._oldest_ts is not None and now // SECOND != self._age_updated_at // SECOND:
            self.oldest, self._age_updated_at = now - self._oldest_ts, now

    def _revisions(self, model: ModelView) -> tuple[int, ...]:
        """Of what the panel shows, without the clock: what that changes is written in seconds, and drawn on them."""
        topics, revisions = self.panel.topics if self.panel else (), model.revisions
        return tuple([revisions[topic] for topic in topics if topic != "clock" and topic in revisions])

    def _draw(self, panel: Panel, frame: Frame, flash: bool) -> None:
        started = self._began_at = self._perf()
        if not flash:
            self._moved.clear()

        def hooks() -> tuple[list[Line], str, str, int | None, str, frozenset[str], bool]:
            lines = [self._resolved(i, line, frame.now, flash) for i, line in enumerate(panel.draw(frame))]
            oldest = panel.oldest(frame)
            words = [str(word) for word in (panel.heading(frame), panel.note(frame), panel.follow_closely(frame))]
            answers = frozenset(panel.answers(frame)) if frame.focused else self.answers
            age = None if oldest is None else int(oldest)
            return lines, words[0], words[1], age, words[2], answers, bool(panel.awaits(frame))

        drawn = self._guarded("draw", hooks)
        took = (self._perf() - started) * 1000
        if drawn is None:
            return
        self.lines, self.heading, self.note, self.oldest, self.follow_closely, self.answers, self._awaits = drawn
        self._oldest_ts, self._age_updated_at = None if self.oldest is None else frame.now - self.oldest, frame.now
        self._charge_time(took)

    def _resolved(self, row: int, line: Line, now: int, flash: bool) -> Line:
        """Give `flash` spans their style: bright where the text isn't what it was in the draw before and had stood."""
        before = self.lines[row] if flash and row < len(self.lines) else None
        resolved: list[Span] = []
        for i, span in enumerate(line):
            text, style = span
            if type(text) is not str or type(style) is not str:
                text, style = span = str(text), str(style)
            if FLASH not in style:
                resolved.append(span)
                continue
            rest, bright = _words(style)
            if bright is not None and before is not None and (i >= len(before) or before[i][0] != text):
                if now - self._moved.get((row, i), 0) >= STILL_MS:
                    rest = bright
                self._moved[row, i] = now
            resolved.append((text, rest))
        return resolved

    def _charge_time(self, took: float) -> None:
        """Judge a hook that took `took` ms: slow panels rest, and are suspended past the budget."""
        now = self._perf()
        if took <= SLOW_MS:
            self.slow_ms = 0.0
            return
        self.slow_ms = took
        self._rest_until = now + took * REST / 1000
        leaked = (now - self._charged_at) * LEAK_MS_PER_S
        self._spent = max(0.0, self._spent - leaked) + took - SLOW_MS
        self._charged_at = now
        if self._spent > BUDGET_MS:
            self.suspended = f"a draw takes {took:.0f} ms of the {SLOW_MS:.0f} it may"
            self._log(f"panel {self.name} suspended: {self.suspended}")

    def _guarded(self, hook: str, call: Callable[[], T]) -> T | None:
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - the guard: a panel's fault costs its own cell only
            self.fault = clean(self._in_words(hook, error))
            self._log(f"panel {self.name} failed in {hook}\n{traceback.format_exc()}")
            return None

    def _in_words(self, hook: str, error: Exception) -> str:
        """What went wrong, and at which line of the panel's own file."""
        if isinstance(error, DeskError):
            return str(error)
        file = getattr(sys.modules.get(type(self.panel).__module__), "__file__", "")
        lines = [line for step, line in traceback.walk_tb(error.__traceback__) if step.f_code.co_filename == file]
        place = f" ({os.path.basename(file)}:{lines[-1]})" if lines else ""
        return f"{hook}: {type(error).__name__}: {error}{place}"


def _default(field: Any) -> Any:
    """A field's default as plain data; of a field without one, what equals nothing."""
    if field.default_factory is not msgspec.NODEFAULT:
        return _as_toml(field.default_factory())
    return _as_toml(field.default) if field.default is not msgspec.NODEFAULT else msgspec.NODEFAULT


def _as_toml(value: Any) -> Any:
    """Plain data as a TOML file holds it: lists, no tuples."""
    if isinstance(value, list | tuple):
        return [_as_toml(item) for item in value]
    if isinstance(value, dict):
        return {name: _as_toml(item) for name, item in value.items()}
    return _as_toml(msgspec.to_builtins(value)) if isinstance(value, msgspec.Struct) else value


@lru_cache(maxsize=4096)
def _words(style: str) -> tuple[str, str | None]:
    """(style at rest, style while it flashes or None)."""
    words = style.split()
    if FLASH not in words:
        return style, None
    rest = " ".join(word for word in words if word != FLASH)
    return rest, f"{rest} bright"
