"""Keys that play a market: what they ask of the hub."""

from __future__ import annotations

from deskmon.clock import MINUTE
from deskmon.components.panel import Command
from deskmon.desk.status import Status


def is_played(status: Status) -> bool:
    """Whether this screen decides how its market is played."""
    return status.mode in ("replay", "demo") and status.controls


def command(action: str, status: Status, now: int) -> Command | None:
    """What an action asks for at desk time `now` (ms); None where nothing is played here, or it is no such action."""
    if not is_played(status):
        return None
    match action:
        case "step":
            return Command("step")
        case "slower" | "faster":
            return Command("speed", status.speed * (2.0 if action == "faster" else 0.5))
        case "rewind" | "forward":
            return Command("seek", now + (MINUTE if action == "forward" else -MINUTE))
    return None
