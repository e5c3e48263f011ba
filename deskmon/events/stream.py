"""What makes a stream of events whole: its header, its snapshots, its heartbeat."""

# Annotations are evaluated here once: as texts, msgspec would compile each of them at every start.

from typing import Any, Literal

import msgspec

from deskmon.events import checks
from deskmon.events.base import Event
from deskmon.events.checks import MAX_TS, MIN_TS

Source = Literal["live", "recorded", "reconstructed", "simulated", "imported"]
Mode = Literal["live", "replay", "demo", "look_back"]

MAX_PACE = 1_000


class Journal(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="journal"):
    """First line of a journal and first event of every stream: what this market is, and since when it was heard.

    `pace`: how many times more seldom than in a live market its sources report, 60 in a time-lapse made to be played at
    sixty times the speed. Ages of quotes count in it.
    """

    version: int
    source: Source
    ts: int = MIN_TS
    note: str = ""
    started: int = MIN_TS
    mode: Mode | None = None
    pace: int = 1

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        checks.member("source", self.source, ("live", "recorded", "reconstructed", "simulated", "imported"))
        if not MIN_TS <= self.started <= MAX_TS:
            raise ValueError(f"started: {self.started!r} is not a time in ms between 2000 and 2100")
        checks.text("note", self.note)
        if not 1 <= self.pace <= MAX_PACE:
            raise ValueError(f"pace: {self.pace!r} is not 1 to {MAX_PACE}")


class Reset(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="reset"):
    """Forget everything: a snapshot follows."""


class Checkpoint(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="checkpoint"):
    """One part of a model, whole, as that part wrote it."""

    part: str
    data: Any


class JournalFiles(msgspec.Struct, frozen=True, kw_only=True):
    """The journal that a hub writes: its newest file, and of all that it wrote their bytes, number and first time."""

    path: str
    bytes: int
    segments: int
    oldest: int


class HubStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a hub says of itself: its version, when it started (ms of the machine's clock), how many screens it has on
    its pipe, its socket and its broker, the memory that its process holds (10⁶ bytes), its journal if it writes one,
    the worst delay of its loop in the last minute (ms) where that isn't said beside it, on a broker whether it leads.
    """

    version: str
    started: int
    screens: int
    memory_mb: float | None = None
    journal: JournalFiles | None = None
    loop_lag_ms: float | None = None
    leads: bool | None = None


class Pulse(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="pulse"):
    """The hub's heartbeat: `ts` is the desk clock, `loop_lag_ms` the hub's worst loop delay since the last pulse.

    `late_ms`: the worst of the last minute, `late_by` the feed that held the loop for most of it, "" where none did.
    `seeking`: the market is being folded to another moment; until that is done only `ts` moves. `begins`, `ends`: the
    moments (ms) between which a market that is played can be shown, None where it has no such one. `hubs`: all hubs of
    the desk, by their id on the broker.
    """

    seq: int
    mode: Mode
    speed: float = 1.0
    paused: bool = False
    seeking: bool = False
    begins: int | None = None
    ends: int | None = None
    loop_lag_ms: float = 0.0
    late_ms: float | None = None
    late_by: str = ""
    hub: HubStatus | None = None
    hubs: dict[str, HubStatus] = msgspec.field(default_factory=dict)
