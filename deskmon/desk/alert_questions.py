"""What the desk asks about alerts: for how long one is to be still, and what a new rule says."""

from __future__ import annotations

from deskmon.clock import HOUR, MINUTE
from deskmon.components.panel import Notify, SnoozeAlert
from deskmon.desk.modes import ChoicePrompt, Prompt
from deskmon.desk.questions import AskedDesk
from deskmon.events import Mode
from deskmon.transport.requests import Snooze

LENGTHS: dict[str, int | None] = {"15m": 15 * MINUTE, "1h": HOUR, "4h": 4 * HOUR, "until it clears": None}
"""How long an alert may be snoozed (ms)."""

PAST: dict[Mode | None, str] = {"demo": "a demo", "replay": "a replay", "look_back": "the past"}
"""Markets that a rule of the trader's own file isn't about, unless he says so."""


def snooze(desk: AskedDesk, intent: SnoozeAlert, now: int) -> None:
    """For how long an alert is to call nobody."""
    if desk.config_writer.kiosk:
        desk.say(Notify("a kiosk snoozes nothing", "warn"))
        return
    names = list(LENGTHS)

    def picked(index: int, now: int) -> None:
        length = LENGTHS[names[index]]
        desk.ask(Snooze(id=0, rule=intent.rule, until=None if length is None else now + length))

    desk.mode = ChoicePrompt(f"snooze {intent.rule}", lambda: names, picked)


def rule(desk: AskedDesk, now: int) -> None:
    """What a rule on the figure under the cursor says; a value near it stands there to be changed."""
    if desk.config_writer.refusal:
        desk.say(Notify(f"no rules here: {desk.config_writer.refusal}", "warn"))
        return
    host, frame = desk.page.focused, desk.seen(now)
    proposed = "" if host is None or frame is None else host.proposes(frame)
    if not proposed:
        desk.say(Notify("no figure here that a rule could read: try prices, levels, funding, skew", "warn"))
        return

    def done(text: str, now: int) -> None:
        if text.strip() and desk.status.mode in PAST:
            _confirm(desk, text.strip(), PAST[desk.status.mode])
        elif text.strip():
            desk.say(desk.config_writer.rule(text.strip()))

    hint = "⏎ write · esc cancel " if desk.status.mode not in PAST else "⏎ go on · esc cancel "
    desk.mode = Prompt("rule:", hint, done, text=proposed)


def _confirm(desk: AskedDesk, when: str, market: str) -> None:
    """Whether a rule that was thought of before another market than the live one is to count on that."""

    def picked(index: int, now: int) -> None:
        if index:
            desk.say(desk.config_writer.rule(when))
        else:
            desk.say(Notify(f"nothing was written: {when}"))

    names = ("no: write nothing", "yes: write it into my own file")
    desk.mode = ChoicePrompt(f"{market}; for the live desk?", lambda: names, picked)
