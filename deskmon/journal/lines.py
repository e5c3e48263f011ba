"""One line of a journal → one event, or a reason why not; and the tally of the reasons."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple, get_args

import msgspec

from deskmon.events import Book, Event, Journal, MarketEvent, decode_event, event_of

MAX_LINE = 4 * 1024 * 1024
"""Bytes; a longer line is no event (a book of 10,000 levels has some 300 KB)."""
MAX_SMALL = 64 * 1024
"""Bytes of the longest line that is no book."""
SAMPLES = 20

TYPES: dict[str, type[Event]] = {kind.__struct_config__.tag: kind for kind in get_args(MarketEvent)}
"""What a line may be, by its `type`."""
_FIELDS = {tag: frozenset(kind.__struct_fields__) | {"type"} for tag, kind in TYPES.items()}


class Damage(NamedTuple):
    """Bytes `start` to `end` of a compressed journal that were left out, or of which a part was given on unchecked; of
    a folder `file` names the segment."""

    start: int
    end: int
    reason: str
    file: str = ""


@dataclass(slots=True)
class ReadReport:
    """What a reading of a journal found.

    events: events read. skipped: lines left out, by reason. fields: unknown fields left out of events that were kept.
    samples: the first few findings as (line number, reason, start of the line).
    unordered: events that came later than the order of arrival has them, being too far from their place.
    damaged: places of a compressed file that were left out; damages: the first few of them.
    cut: the file ends abruptly, in the middle of a line or of its compression.
    file: the name of the segment that is being read, "" where the journal is one file.
    faults: lines and damaged places left out.
    """

    events: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    samples: list[tuple[int, str, str]] = field(default_factory=list)
    unordered: int = 0
    damaged: int = 0
    damages: list[Damage] = field(default_factory=list)
    cut: bool = False
    file: str = ""
    faults: int = 0

    @property
    def rejected(self) -> int:
        """Lines left out."""
        return sum(self.skipped.values())

    def skip(self, number: int, kind: str, reason: str, line: bytes) -> None:
        """Count line `number` as left out because of `kind`, and keep it as a sample while there is room."""
        self.skipped[kind] += 1
        self.faults += 1
        self._sample(number, reason, line)

    def ignore(self, number: int, name: str, line: bytes) -> None:
        """Count an unknown field of an event that is kept."""
        if name not in self.fields:
            self._sample(number, f"unknown field {name!r}", line)
        if name in self.fields or len(self.fields) < 100:
            self.fields[name] += 1

    def damage(self, start: int, end: int, reason: str) -> None:
        """Count the bytes `start` to `end` as damaged."""
        self.damaged += 1
        self.faults += 1
        if len(self.damages) < SAMPLES:
            self.damages.append(Damage(start, end, reason, self.file))

    def _sample(self, number: int, reason: str, line: bytes) -> None:
        if len(self.samples) < SAMPLES:
            self.samples.append((number, reason[:200], line[:120].decode("utf-8", "replace")))

    @property
    def has_findings(self) -> bool:
        """Whether there is more to say than that the file ends abruptly, which any may while it is written."""
        return bool(self.faults or self.fields or self.unordered)

    def summary(self) -> str:
        """In words, on one line: `1,204 events; left out: 2 malformed, 1 of unknown type; ends abruptly`."""
        events = f"{self.events:,} event{'' if self.events == 1 else 's'}"
        return "; ".join(filter(None, (events, self.findings())))

    def findings(self) -> str:
        """The same without the events: "" where nothing was found beside them."""
        parts = []
        if self.skipped:
            parts.append("left out: " + ", ".join(f"{count:,} {kind}" for kind, count in self.skipped.most_common()))
        if self.fields:
            parts.append("unknown fields ignored: " + ", ".join(sorted(self.fields)[:5]))
        if self.unordered:
            parts.append(f"{self.unordered:,} out of order")
        if self.damaged:
            first = self.damages[0]
            places = f"{self.damaged:,} damaged place{'' if self.damaged == 1 else 's'}"
            where = f" of {first.file}" if first.file else ""
            parts.append(f"{places}, the first at byte {first.start:,}{where} ({first.reason})")
        if self.cut:
            parts.append("ends abruptly")
        return "; ".join(parts)


def decode_line(line: bytes, number: int, report: ReadReport) -> Event | None:
    """The event of one line, or None with the reason in `report`. Never raises, whatever the bytes."""
    if len(line) > MAX_LINE:
        report.skip(number, "malformed", f"longer than {MAX_LINE // 2**20} MiB", line)
        return None
    try:
        event: Event | None = decode_event(line)
    except msgspec.ValidationError:
        event = _lenient(line, number, report)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        report.skip(number, "malformed", str(error), line)
        return None
    if event is None:
        return None
    if type(event) is Journal:
        report.skip(number, "another header", "another header", line)
        return None
    if len(line) > MAX_SMALL and type(event) is not Book:
        report.skip(number, "malformed", f"longer than {MAX_SMALL // 1024} KiB", line)
        return None
    report.events += 1
    return event


def _lenient(line: bytes, number: int, report: ReadReport) -> Event | None:
    """An event that the strict decoder refuses, without the fields that are unknown and with ids that are numbers as
    text; None where it stays invalid."""
    try:
        raw: Any = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        report.skip(number, "malformed", str(error), line)
        return None
    tag = raw.get("type") if isinstance(raw, dict) else None
    if not isinstance(tag, str):
        report.skip(number, "malformed", "not an object with a type", line)
        return None
    if tag not in TYPES:
        kind = "another header" if tag == "journal" else "of unknown type"
        report.skip(number, kind, f"unknown type {tag[:64]!r}", line)
        return None
    unknown = raw.keys() - _FIELDS[tag]
    for name in unknown:
        del raw[name]
    try:
        event = event_of(raw, TYPES[tag])
    except (msgspec.ValidationError, RecursionError) as error:
        report.skip(number, "invalid", str(error), line)
        return None
    for name in sorted(unknown):
        report.ignore(number, name[:64], line)
    return event
