"""Looks after journals: finds what is damaged and where, and writes copies without it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deskmon.errors import DeskError
from deskmon.events import MIN_TS, Gap, Journal, encode_event
from deskmon.journal.checkpoints import checkpoints, read_checkpoint
from deskmon.journal.decoding import FEED
from deskmon.journal.header import header_of
from deskmon.journal.lines import ReadReport, decode_line
from deskmon.journal.segments import segments
from deskmon.journal.source import Lines, not_a_file
from deskmon.journal.writer import JournalWriter


@dataclass(slots=True)
class Checked:
    """One file. `first`, `last`: the oldest and the newest arrival in it (ms), None where it holds no event. `fault`:
    why nothing of it can be read as it stands, "" where it can."""

    path: Path
    bytes: int
    report: ReadReport = field(default_factory=ReadReport)
    first: int | None = None
    last: int | None = None
    fault: str = ""

    @property
    def sound(self) -> bool:
        """Whether all of it can be read."""
        return not self.fault and not self.report.faults and not self.report.cut


def files(path: Path) -> list[Path]:
    """The files that a journal is made of. Raises DeskError where there is none."""
    if (fault := not_a_file(path)) is not None:
        raise fault
    return [segment.path for segment in segments(path)] if path.is_dir() else [path]


def missing(folder: Path) -> list[int]:
    """Numbers between its first and its last that a folder has no segment of."""
    numbers = [segment.number for segment in segments(folder)]
    there = set(numbers)
    return [number for number in range(numbers[0], numbers[-1]) if number not in there] if numbers else []


def verify(path: Path) -> Iterator[Checked]:
    """Read every byte of a journal, a file after the other. Raises DeskError where there is none."""
    for file in files(path):
        checked = Checked(file, file.stat().st_size)
        lines = Lines(file, checked.report)
        try:
            for _ in _sound_lines(lines, checked):
                pass
        except DeskError as fault:
            checked.fault = fault.message
        yield checked


def unreadable_checkpoints(folder: Path) -> list[Path]:
    """Checkpoints of this desk's shape that say nothing: a desk passes over them."""
    return [one.path for one in checkpoints(folder) if one.is_ours and not read_checkpoint(one.path)]


def repair(path: Path, target: Path) -> Iterator[Checked]:
    """Write what can be read of a journal to `target`, which mustn't exist: a file as a file, a folder as a folder,
    with a gap wherever something is left out. Raises DeskError."""
    if target.exists():
        raise DeskError(f"{target}: exists already, and a repair never overwrites anything", "choose another name")
    if not path.is_dir():
        files(path)
        yield _repaired(path, target)
        return
    listed = files(path)
    try:
        target.mkdir(mode=0o700, parents=True)
        for file in listed:
            yield _copied(file, target / file.name) or _repaired(file, target / file.name)
        same = {segment.number: segment.bytes for segment in segments(path)}
        kept = {segment.number for segment in segments(target) if same.get(segment.number) == segment.bytes}
        for one in checkpoints(path):
            if one.place.number in kept:
                shutil.copy2(one.path, target / one.path.name)
    except OSError as fault:
        raise DeskError(f"{target}: can't be written ({fault.strerror or fault})") from None


def _copied(file: Path, target: Path) -> Checked | None:
    """Copy a sound file as it is; None for any other."""
    (checked,) = verify(file)
    if not checked.sound:
        return None
    shutil.copy2(file, target)
    return checked


def _repaired(file: Path, target: Path) -> Checked:
    checked = Checked(file, file.stat().st_size)
    header = _header(file, checked)
    with JournalWriter(target, header) as journal:
        for batch in _sound_lines(Lines(file, checked.report), checked):
            journal.append(batch)
    return checked


def _header(file: Path, checked: Checked) -> Journal:
    """The file's header, else one that says what is known."""
    report = ReadReport()
    try:
        return header_of(file, next(iter(Lines(file, report)), b""), report)
    except DeskError as fault:
        checked.fault = fault.message
    first = next((event for line in Lines(file, report) if line and (event := decode_line(line, 0, report))), None)
    if first is None:
        raise DeskError(f"{file}: nothing in it can be saved", checked.fault)
    started = max(MIN_TS, first.arrival)
    return Journal(version=1, source="recorded", note="repaired: its header was damaged", started=started)


def _sound_lines(lines: Lines, checked: Checked) -> Iterator[Sequence[bytes]]:
    """Lines that are events, as they stand, and a gap wherever damage left some out. Raises DeskError where the file
    can't be opened."""
    torn = False
    for line in lines:
        if line is None:
            torn = True
            continue
        if not line or line.isspace() or (lines.number == 1 and not torn and _is_header(line)):
            continue
        event = decode_line(line, lines.number, checked.report)
        if event is None:
            continue
        arrival, last = event.arrival, checked.last
        checked.first = arrival if checked.first is None else min(checked.first, arrival)
        checked.last = arrival if last is None else max(last, arrival)
        yield [line] if not torn or last is None else [encode_event(_gap(last, checked.last)), line]
        torn = False


def _is_header(line: bytes) -> bool:
    return b'"journal"' in line


def _gap(since: int, until: int) -> Gap:
    return Gap(ts=until, feed=FEED, venue=FEED, channel="all", since=since, until=until, dropped=0)
