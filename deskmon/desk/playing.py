"""Keys that move a desk in time: they play a market of one's own, and look back on a live one."""

from __future__ import annotations

from deskmon import format as fmt
from deskmon.clock import MINUTE
from deskmon.components.panel import Command
from deskmon.desk.status import Status
from deskmon.events import Journal
from deskmon.transport.requests import FASTEST_LOOK, Look, Request

STEPS = {"rewind": -MINUTE, "rewind_more": -15 * MINUTE, "forward": MINUTE}
"""How far each key goes (ms)."""
NOW = Look(id=0)
"""Back to the market as it is now."""


def is_played(status: Status) -> bool:
    """Whether this screen decides how its market is played."""
    return status.mode in ("replay", "demo") and status.controls


def start(status: Status, header: Journal | None, now: int) -> int:
    """From when (ms) `+15m` counts: the start of a market that is played, not of what is known from before it; of a
    live desk that since which it has listened."""
    if status.mode in ("replay", "demo") and status.begins is not None:
        return status.begins
    return now if header is None else header.started


def may_look_back(status: Status) -> bool:
    """Whether this screen shows a live desk, as it is or as it was."""
    return status.mode in ("live", "look_back")


def answer(action: str, status: Status, now: int) -> Command | Look | str | None:
    """What a key asks of the hub at desk time `now` (ms), or the words why it asks nothing; None where it moves no
    desk in time."""
    if action in STEPS:
        if is_played(status):
            return Command("shift", STEPS[action])
        return moment((status.target or now) + STEPS[action], status)
    if action not in ("step", "slower", "faster"):
        return None
    factor = 2.0 if action == "faster" else 0.5
    if is_played(status):
        return Command("step") if action == "step" else Command("faster", factor)
    if status.mode == "look_back" and action != "step":
        return Look(id=0, speed=min(FASTEST_LOOK, status.speed * factor))
    return "only in a replay or demo of yours"


def moment(at: int, status: Status) -> Command | Look | str:
    """What brings the desk to the moment `at` (ms), or the words why it can't be there."""
    if is_played(status):
        return Command("seek", at)
    if not may_look_back(status):
        return "only in a replay or demo of yours"
    if status.live_now is None or at < status.live_now:
        return Look(id=0, at=at)
    return NOW if status.mode == "look_back" or status.target else "this is now"


def beyond(asked: Request | Command, status: Status, now: int) -> str:
    """Where the desk lands that stands at `now` (ms), in words, where it is asked for a moment that the market hasn't;
    else ""."""
    at = asked.at if isinstance(asked, Look) else asked.value if isinstance(asked, Command) else None
    if not isinstance(at, int):
        return ""
    if isinstance(asked, Command) and asked.do == "shift":
        at += now
    what = "market" if is_played(status) else "journal"
    if status.begins is not None and at < status.begins:
        return f"the {what} starts at {fmt.day(status.begins)} {fmt.clock(status.begins)}Z, nothing before it"
    if status.ends is not None and at > status.ends:
        return f"the {what} ends at {fmt.day(status.ends)} {fmt.clock(status.ends)}Z, nothing after it"
    return ""


def pause(status: Status) -> Command | Look | None:
    """What stops the desk's time or lets it pass; None on a live desk, whose picture alone can be held."""
    if is_played(status):
        return Command("play" if status.paused else "pause")
    if status.mode == "look_back":
        return Look(id=0, speed=1.0 if status.paused else 0.0)
    return None
