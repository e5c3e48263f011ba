"""What a trader hands on: a row, a panel or the page to the clipboard, the frame as a picture and a text in files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from deskmon import format as fmt
from deskmon.components.panel import Line, Notify
from deskmon.components.shared import SharedTable, csv_of, row_words
from deskmon.components.text import JOINT, clean, one_line
from deskmon.config.schema import Config
from deskmon.desk.canvas import Canvas
from deskmon.desk.modes import ChoicePrompt
from deskmon.desk.questions import AskedDesk
from deskmon.model import Model

CHOICES = ("row", "panel", "page", "row as CSV", "panel as CSV", "page as CSV")
NO_ROW = "this panel has no row under the cursor"
_NO_NAME = re.compile(r"[^A-Za-z0-9]+")


class Sharer(Protocol):
    """Who brings to people what a desk hands on."""

    def copy(self, text: str, what: str) -> Notify:
        """Put a text on the clipboard of the trader's terminal; what the desk says then."""
        ...

    def keep(self, canvas: Canvas, name: str) -> None:
        """Write the canvas as a picture and as a text into files called so; says by itself where they are."""
        ...

    def report(self, config: Config, journal: str | None, now: int, name: str) -> None:
        """Have the week's report up to `now` (ms) written into a file called so, of the market of `config`, or of the
        journal at that path; says by itself where it is."""
        ...


class SharingDesk(AskedDesk, Protocol):
    """A desk, as far as it hands on what it shows."""

    config: Config
    model: Model
    sharer: Sharer | None
    symbol: str

    @property
    def canvas(self) -> Canvas: ...


def copy(desk: SharingDesk, now: int) -> None:
    """Which part of the screen to copy, and how it is written."""
    if desk.config_writer.kiosk:
        return
    again = desk.keymap.key_of("desk.copy")
    desk.mode = ChoicePrompt("copy", lambda: CHOICES, lambda n, now: _copy(desk, CHOICES[n], now), at=1, again=again)


def keep(desk: SharingDesk, now: int) -> None:
    """Write the frame as SVG and text."""
    writer, sharer = desk.config_writer, desk.sharer
    if writer.kiosk:
        return
    if writer.refusal or sharer is None:
        desk.say(Notify(f"no picture was written: {writer.refusal or 'this desk has no file'}", "warn"))
        return
    host = desk.page.focused
    shown = desk.layout_name if host is None or len(desk.page.hosts) > 1 else host.name
    sharer.keep(desk.canvas, f"deskmon-{_stamp(now)}-{_NO_NAME.sub('-', shown).strip('-') or 'desk'}")


def report(desk: SharingDesk, now: int) -> None:
    """Write the week's report so far."""
    writer, sharer = desk.config_writer, desk.sharer
    if writer.kiosk:
        return
    hub = None if desk.model.pulse is None else desk.model.pulse.hub
    journal = None if hub is None or hub.journal is None else hub.journal.path
    is_played = desk.status.controls and desk.status.mode in ("demo", "replay")
    why = writer.refusal or ("this desk has no file" if sharer is None else "")
    if not is_played and journal is None:
        why = why or "this hub keeps no journal to make it of"
    if why or sharer is None:
        desk.say(Notify(f"no report was written: {why}", "warn"))
        return
    desk.say(Notify("the report is being made: its place will be said here"))
    sharer.report(desk.config, None if is_played else journal, now, f"report-{_stamp(now)}")


def _stamp(now: int) -> str:
    return f"{fmt.date(now)}T{fmt.clock(now)}Z".replace(":", "")


class Shared(NamedTuple):
    """What is copied: the text, and in words what it is; without a text why there is none."""

    text: str
    what: str


def shared(desk: SharingDesk, choice: str, now: int) -> Shared:
    """What one of `CHOICES` is now."""
    host, frame = desk.page.focused, desk.seen(now)
    if choice == "page":
        return Shared(_lines([desk.canvas.text()]), "the page")
    if host is None or frame is None:
        return Shared("", "there is no panel here")
    source = desk.status.source
    market = f"{source}, {fmt.date(frame.now)} {fmt.clock(frame.now)}Z"

    def as_csv(tables: Sequence[SharedTable]) -> str:
        return csv_of(tables, frame.now, source)

    row = host.shared_row(frame) if choice.startswith("row") else None
    match choice:
        case "row":
            return Shared(f"{row_words(row)} ({market})\n" if row else "", "the row" if row else NO_ROW)
        case "row as CSV":
            return Shared(as_csv([row]) if row else "", "the row as CSV" if row else NO_ROW)
        case "panel":
            head = JOINT.join(filter(None, (host.heading, host.note, market)))
            return Shared(_lines([one_line(head), *map(_plain, host.lines)]), f"panel {host.name}")
        case "panel as CSV":
            tables = host.shared_tables(frame)
            return Shared(as_csv(tables), f"panel {host.name} as CSV" if tables else f"{host.name} is no table")
    found = [(each.name, each.shared_tables(frame)) for each in desk.page.hosts]
    text = "\n".join(f"{name}\n{as_csv(tables)}" for name, tables in found if tables)
    return Shared(text, "the page as CSV" if text else "no panel here is a table")


def _copy(desk: SharingDesk, choice: str, now: int) -> None:
    text, what = shared(desk, choice, now)
    if desk.sharer is None or not text:
        desk.say(Notify(f"nothing copied: {what if not text else 'this desk has no terminal'}", "warn"))
    else:
        desk.say(desk.sharer.copy(text, what))


def _plain(line: Line) -> str:
    return "".join(text for text, _ in line)


def _lines(lines: Sequence[str]) -> str:
    text = "\n".join(lines).splitlines()
    return "\n".join(clean(line).rstrip() for line in text).strip("\n") + "\n"
