"""Compare with another moment: which one, the way there and back, and the page that shows then and now.

The desk goes to the moment as a look back does, takes all figures there, and returns. So it needs of a hub nothing but
what looking back needs, on a pipe, a socket and a broker.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Protocol

from deskmon import format as fmt
from deskmon.clock import DAY, HOUR, SECOND
from deskmon.components.panel import Command, Drill, Intent, Notify, Then
from deskmon.desk import playing
from deskmon.desk.modes import ChoicePrompt, Prompt
from deskmon.desk.painter import PagePainter
from deskmon.desk.questions import AskedDesk
from deskmon.errors import UsageError
from deskmon.timeline import parse_duration, parse_time
from deskmon.transport.requests import Look, Request

AGO = {"1h ago": HOUR, "8h ago": 8 * HOUR, "24h ago": DAY}
RECENT_WAVE = DAY
"""How long ago (ms) a wave began at most to be offered."""


class ComparingDesk(AskedDesk, Protocol):
    """A desk, as far as it compares."""

    painter: PagePainter
    journey: Journey
    left: int | None

    def open(self, intent: Intent, now: int) -> Any: ...


class Journey:
    """The way to a moment and back. `then` is what was found there last."""

    def __init__(self) -> None:
        self._at: int | None = None
        self._words = ""
        self._back: Request | Command = playing.NOW
        self._set_off, self._set_out = False, 0
        self._options: dict[str, Any] = {}

    def begin(self, desk: ComparingDesk, at: int, words: str, now: int) -> None:
        """Go to the moment `at` (ms), which is called so, take its figures, come back and show the page."""
        if abs(now - at) < SECOND:
            self._options = options_of(desk, now)
            self._arrive(desk, words, now)
            return
        asked = playing.moment(at, desk.status)
        if isinstance(asked, str):
            desk.say(Notify(asked, "warn"))
            return
        is_past = desk.status.mode == "look_back"
        self._back = (
            Command("seek", now) if isinstance(asked, Command) else Look(id=0, at=now) if is_past else playing.NOW
        )
        self._at, self._words, self._set_off, self._set_out = at, words, False, now
        self._options = options_of(desk, now)
        desk.move(asked, now)

    def go_on(self, desk: ComparingDesk, now: int) -> None:
        """Look whether the desk is there, at a whole market."""
        if self._at is None:
            return
        status = desk.status
        if isinstance(self._back, Command):
            if not status.seeking and now < self._set_out:  # at the moment, or at the start of a shorter market
                self._arrive(desk, self._words, now)
        elif status.target is not None:
            self._set_off = True
        elif self._set_off and status.mode == "look_back":
            self._arrive(desk, self._words, now)
        elif self._set_off:
            self._at = None  # the hub didn't go there; why, the desk has said

    def _arrive(self, desk: ComparingDesk, words: str, now: int) -> None:
        back, asked = (None if self._at is None else self._back), self._at
        self._at = None
        if asked is not None and now > asked + SECOND:  # the market begins later than it was asked for
            words = f"since {fmt.moment(now, self._set_out)}"
        desk.painter.then = Then(desk.model.state(now), words)
        desk.painter.afresh()
        desk.open(Drill("since", self._options, words), now)
        desk.page.crumb = words
        if back is not None:
            desk.move(back, now)


def options_of(desk: ComparingDesk, now: int) -> dict[str, Any]:
    """Options of the page since, which knows the figures of the panel that it is opened from."""
    host, frame, drill = desk.page.focused, desk.seen(now), desk.page.drill
    if drill is not None and drill.panel == "since":
        return drill.options
    figures = [] if host is None or frame is None else host.compares(frame)
    return {"panel": host.name, "figures": figures} if host is not None and figures else {}


def ask(desk: ComparingDesk, now: int) -> None:
    """Which moment to compare with."""
    moments = offered(desk, now)
    names = [*moments, "another time …"]

    def picked(index: int, now: int) -> None:
        if index < len(moments):
            words = names[index]
            desk.journey.begin(desk, moments[words], words, now)
        else:
            hint = "2h · 08:00 · yesterday 21:00 · ⏎ compare · esc cancel "
            desk.mode = Prompt("since", hint, partial(_typed, desk))

    desk.mode = ChoicePrompt("compare", lambda: names, picked, again=desk.keymap.key_of("desk.compare"))


def offered(desk: ComparingDesk, now: int) -> dict[str, int]:
    """Moments (ms) by what they are called."""
    found: dict[str, int] = {}
    then = desk.painter.then
    if desk.left is not None and desk.left < now:
        found[f"since you left {fmt.moment(desk.left, now)}"] = desk.left
    waves = [wave for wave in desk.model.waves.figures(now) if 0 < now - wave.start <= RECENT_WAVE]
    if waves:
        found[f"since wave {waves[-1].id} began {fmt.clock(waves[-1].start)[:5]}"] = waves[-1].start
    if desk.status.mode == "look_back":
        found["this moment"] = now
    if then is not None and then.words not in found:
        found[then.words] = then.state.at
    return {**found, **{name: now - ms for name, ms in AGO.items()}}


def _typed(desk: ComparingDesk, text: str, now: int) -> None:
    if not text.strip():
        return
    latest = desk.status.live_now or now
    try:
        at = now - parse_duration(text)
    except UsageError:
        try:
            at = parse_time(text, playing.start(desk.status, desk.model.header, now), latest)
        except UsageError as fault:
            desk.say(Notify(str(fault), "warn"))
            return
    if at >= latest:
        desk.say(Notify(f"{text.strip()} is still to come", "warn"))
        return
    desk.journey.begin(desk, at, f"since {fmt.date(at)} {fmt.clock(at)}Z", now)


def plot(desk: ComparingDesk, now: int) -> None:
    """Open the plot of the figure under the cursor."""
    host, frame = desk.page.focused, desk.seen(now)
    figure = "" if host is None or frame is None else host.plots(frame)
    if figure:
        desk.open(Drill("plot", {"figure": figure}, figure), now)
    else:
        desk.say(Notify("no figure here that could be plotted: try prices, levels, funding, skew", "warn"))
