"""Figures of the hubs of a desk: how each runs, and what it writes."""

from __future__ import annotations

import msgspec

from deskmon.events import HubStatus
from deskmon.model.figure import Figure


class JournalFigure(Figure):
    """The journal that a hub writes: its newest file; bytes, number and first time of all its files."""

    path: str
    bytes: int
    segments: int
    oldest: int


class HubFigure(Figure):
    """How a hub runs: the worst delay of its loop in the last minute, and the feed that held the loop, if one did; its
    version and start, its screens on pipe, socket and broker, its memory (10⁶ bytes) and its journal; on a broker
    whether it leads the desk."""

    loop_lag_ms: float | None
    loop_lag_by: str | None
    version: str | None
    started: int | None
    memory_mb: float | None
    screens: int | None
    journal: JournalFigure | None
    leads: bool | None


def hub_figure(status: HubStatus | None, lag_ms: float | None, lag_by: str | None) -> HubFigure:
    """What is known of a hub by what it said of itself, None where that was nothing."""
    if status is None:
        unknown = dict.fromkeys(("version", "started", "memory_mb", "screens", "journal", "leads"))
        return HubFigure(loop_lag_ms=lag_ms, loop_lag_by=lag_by, **unknown)
    journal = status.journal
    return HubFigure(
        loop_lag_ms=lag_ms, loop_lag_by=lag_by, version=status.version, started=status.started,
        memory_mb=status.memory_mb, screens=status.screens, leads=status.leads,
        journal=None if journal is None else JournalFigure(**msgspec.structs.asdict(journal)),
    )  # fmt: skip
