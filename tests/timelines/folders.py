"""Folders of segments, written as a hub writes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from deskmon.events import Event, Journal, encode_event
from deskmon.journal import JournalWriter, Place, segment_name, write_checkpoint
from deskmon.model import Model
from tests.timelines.builders import HEADER
from tests.timelines.damage import market

SECONDS = market(60)
"""A minute of a market, a second each."""
EVENTS = [event for second in SECONDS for event in second]


def write_folder(
    folder: Path, flushes: Sequence[list[Event]], each: int, checkpoint_every: int = 0, header: Journal = HEADER
) -> list[Path]:
    """Segments of `each` flushes; a checkpoint before every so many flushes of a segment. The segments' paths."""
    folder.mkdir(exist_ok=True)
    model = Model()
    model.apply([header])
    paths: list[Path] = []
    newest = 0
    for number, start in enumerate(range(0, len(flushes), each), 1):
        part = flushes[start : start + each]
        started = part[0][0].arrival
        paths.append(folder / segment_name(number, started))
        with JournalWriter(paths[-1], replace(header, started=started)) as journal:
            for index, events in enumerate(part):
                if checkpoint_every and index % checkpoint_every == 0 and newest:
                    keep(folder, Place(number, journal.bytes), newest, model)
                journal.write(events)
                journal.flush()
                model.apply(events)
                newest = max(event.arrival for event in events)
    return paths


def keep(folder: Path, place: Place, at: int, model: Model) -> None:
    write_checkpoint(folder, place, at, [encode_event(event) for event in model.snapshot()])
