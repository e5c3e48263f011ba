"""Header, footer and borders: everything around the panels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from deskmon import format as fmt
from deskmon.clock import MINUTE, SECOND
from deskmon.components.panel import Line, Span
from deskmon.components.text import ELLIPSIS, cell_width, crop, line_width
from deskmon.desk.headline import Piece, headline, shortened, urgent_cells
from deskmon.desk.status import Status

UNBOUNDED = 1e6
"""The speed that a hub tells for "as fast as it goes"."""
AGE_STEP = 10 * SECOND
"""How exact an age below a minute is in a title (ms)."""
OLD = 30 * SECOND
"""An age (ms) from which on it warns in a title."""
LATE_MS = 500
"""A hub whose loop was late by so much is named in the header."""


def header(status: Status, width: int) -> Line:
    """One line: name, mode, linked symbol, clock, the headline, feed health, frame and byte rates."""
    left: list[Piece] = [
        (3, [(" deskmon ", "header_name")]),
        (4, [(f" {status.name} ", "header")]),
        (0, [(" ", "header"), *_place(status), (" ", "header")]),
        (1, [(f" {status.symbol} ", "header_name")]),
        (2, [(_date(status), "header")]),
        (0, [("" if status.mode == "look_back" else f" {fmt.clock(status.now)}Z ", "header")]),
        (1, [(_local(status), "header")]),
    ]
    right: list[Piece] = [
        *_lateness(status),
        *([(2, [(f" ! {status.alerts_seen} seen ", "header_muted")])] if status.alerts_seen else []),
        (0 if 0 < status.feeds_live < status.feeds else 1, [(" feeds ", "header_muted"), _feeds(status)]),
        (5, [(f"  {'—' if status.lag_ms is None else round(status.lag_ms)}ms", "header_muted")]),
        *_terminal_rates(status),
        (0, [(" ", "header")]),
    ]
    urgent = urgent_cells(status)
    while _cells(left) + _cells(right) + 3 + urgent > width:
        worst = max((piece for piece in left + right), key=lambda piece: piece[0])
        if worst[0] == 0:
            break
        (left if worst in left else right).remove(worst)
    head = [span for _, spans in left for span in spans]
    tail = [span for _, spans in right for span in spans]
    room = width - _cells(left) - _cells(right)
    middle = headline(status, max(0, room - 3))
    used = line_width(middle)
    return [*head, ("  ", "header"), *middle, (" " * max(0, room - 2 - used), "header"), *tail]


def _cells(pieces: Sequence[Piece]) -> int:
    return sum(line_width(spans) for _, spans in pieces)


def _place(status: Status) -> list[Span]:
    """What this market is, and beside it what the desk does with it: nothing of a hub that is lost, a picture that
    stands still, a layout that is edited."""
    spans = [_market(status)]
    if status.link == "lost":
        live = status.mode in (None, "live")
        spans = [(" ✖ HUB LOST ", "lost")] if live else [*spans, (" ", "header"), (" ✖ HUB LOST ", "lost")]
    if status.frozen_ms is not None:
        spans += [(" ", "header"), (f" FROZEN {fmt.age(status.frozen_ms)} ", "unreal")]
    if status.editing:
        spans += [(" ", "header"), (" EDITING ", "unreal")]
    return spans


def _market(status: Status) -> Span:
    """LIVE while every feed is, how many are while some aren't, or in the same place what else this market is."""
    if status.target is not None:
        return f" LOOKING BACK … {fmt.clock(status.target)}Z ", "unreal"
    if status.mode == "look_back":
        return f" LOOKING BACK {_looked(status)} ", "unreal"
    if status.mode is None:
        return ("◌ loading" if status.controls else "◌ connecting"), "header_muted"
    if status.mode == "live" and status.source in ("live", "recorded"):
        return _liveness(status)
    words = [status.mode.upper()]
    if status.source != "live":
        words.append(status.source.upper())
    if status.seeking:
        words.append("SEEKING")
    elif status.paused:
        words.append("PAUSED")
    if not status.seeking and status.speed != 1.0:
        words.append("×max" if status.speed >= UNBOUNDED else f"×{status.speed:g}")
    return f" {' '.join(words)} ", "unreal"


def _looked(status: Status) -> str:
    """How long ago the desk stood as it is shown, when that was, and how fast time passes there."""
    ago = "" if status.live_now is None else f"{fmt.age(max(0, status.live_now - status.now))} · "
    return f"{ago}{fmt.clock(status.now)}Z" + ("" if status.paused else f" ×{status.speed:g}")


def _liveness(status: Status) -> Span:
    if status.feeds_live:
        whole = status.feeds_live == status.feeds
        return ("● LIVE", "live") if whole else (f"◐ {status.feeds_live} of {status.feeds} LIVE", "header warn")
    return (" NO FEED ", "lost") if status.silence else ("◌ connecting", "header_muted")


def _date(status: Status) -> str:
    """The day, where it isn't today."""
    return "" if status.mode in (None, "live") else f" {fmt.date(status.now)}"


def _local(status: Status) -> str:
    """The time in the trader's zone: 23:32 JST, and +1d or −1d where it is another day there than in UTC."""
    if status.zone is None:
        return ""
    there, here = (datetime.fromtimestamp(status.now / 1000, zone) for zone in (status.zone, UTC))
    days = there.date().toordinal() - here.date().toordinal()
    day = f" {'+' if days > 0 else fmt.MINUS}1d" if days else ""
    return f"{there:%H:%M %Z}{day} "


def _feeds(status: Status) -> Span:
    text = f"{status.feeds_live}/{status.feeds}"
    return text, "header" if status.feeds_live == status.feeds and status.feeds else "header warn"


def _lateness(status: Status) -> list[Piece]:
    """Of a live market the worst delay of the hub's loop in the last minute, where it was long, and the feed that
    blocked it; what is played waits for nobody."""
    if status.mode != "live" or status.late_ms is None or status.late_ms < LATE_MS:
        return []
    by = f": {status.late_by} blocks" if status.late_by else ""
    return [(1, [(f" hub {status.late_ms / 1000:.1f} s late{by} ", "header warn")])]


def _terminal_rates(status: Status) -> list[Piece]:
    """Frames and KiB a second; nothing where there is no terminal, as in a snapshot."""
    if status.fps is None or status.kib_s is None:
        return []
    return [
        (6, [(f"  {status.fps:.0f}Hz", "header_muted")]),
        (5, [(f"  {status.kib_s:4.1f}K/s", "header_muted")]),
    ]


def footer(
    entries: Sequence[tuple[str, str]], width: int, right: str = "", ticker: Sequence[Sequence[Span]] = ()
) -> Line:
    """`key label` pairs, as many as fit, and `right` at the end; before it as much of the ticker as has room."""
    line: list[Span] = [(" ", "footer")]
    used = 1
    for key, label in entries:
        cells = cell_width(key) + cell_width(label) + 3
        if used + cells + cell_width(right) > width:
            break
        line += [(key, "footer_key"), (f" {label}  ", "footer")]
        used += cells
    told = _fitting(ticker, width - used - cell_width(right))
    gap = width - used - cell_width(right) - line_width(told)
    return [*line, (" " * max(0, gap), "footer"), *told, (right, "footer")]


def _fitting(items: Sequence[Sequence[Span]], room: int) -> list[Span]:
    """The first of the items that fit into `room` cells, each with a gap on both sides."""
    line: list[Span] = []
    for item in items:
        added = [*item, ("   ", "footer")]
        if line_width(line) + line_width(added) + 2 > room:
            break
        line += added
    return line


def alarm(text: str, entries: Sequence[tuple[str, str]], width: int) -> Line:
    """What is wrong with the desk's own files, and as many keys as have room beside it."""
    words = shortened(f" {text} ", width)
    return [(words, "footer warn"), *footer(entries, width - cell_width(words))]


def prompt(text: str, width: int, name: str = "filter /", hint: str = "⏎ keep · esc clear ") -> Line:
    """The line that takes a text, `name` says what for; of a text that is longer than the line its end."""
    room = max(12, width - cell_width(f" {name} ") - 2 - cell_width(hint))
    if cell_width(text) > room:
        while cell_width(text) >= room:
            text = text[1:]
        text = ELLIPSIS + text
    head = f" {name} {text}"
    return [(f" {name} ", "footer"), (text, "footer_key"), ("▏", "accent"),
            (" " * max(1, width - cell_width(head) - 1 - cell_width(hint)), "footer"), (hint, "footer")]  # fmt: skip


def top_border(
    width: int, title: str, note: str, age: int | None, slow_ms: float, focused: bool, edge: str, called: str = ""
) -> Line:
    """`╭ title ─── note ─ age ╮` in `width` cells; the note leaves first, then the age; the title is cropped last.
    edge: style of the line. called: style of the mark of an alert that the panel shows, "" for none."""
    ends: list[Span] = []
    if slow_ms:
        ends.append((f"slow {slow_ms:.0f}ms", "warn"))
    if age is not None:
        ends.append((f"{title_age(age):>4}", "warn" if age >= OLD else "muted"))
    mark: list[Span] = [("! ", called)] if called and width >= 8 else []
    width -= line_width(mark)
    room = width - 4
    title = crop(title, room)
    used = cell_width(title)
    if note and used + cell_width(note) + _tail_width(ends) + 4 <= room:
        ends.insert(0, (note, "muted"))
    while ends and used + _tail_width(ends) + 1 > room:
        ends.pop(0)
    tail: list[Span] = []
    for text, style in ends:
        tail += [(" ", edge), (text, style), (" ─", edge)]
    fill = width - used - 4 - line_width(tail)
    head: list[Span] = [("╭ ", edge), *mark, (title, "title accent" if focused else "title"), (" ", edge)]
    return [*head, ("─" * max(0, fill), edge), *tail, ("╮", edge)]


def title_age(ms: int) -> str:
    """An age in a title: <10s 10s+ 20s+ … 50s+ 1m. What is exact to the second changes each second, on every panel."""
    if ms >= MINUTE:
        return fmt.age(ms)
    return f"{ms // AGE_STEP * (AGE_STEP // SECOND)}s+" if ms >= AGE_STEP else f"<{AGE_STEP // SECOND}s"


def _tail_width(ends: Line) -> int:
    return line_width(ends) + 3 * len(ends)


def bottom_border(width: int, edge: str) -> Line:
    """`╰───╯`, `edge` its style."""
    return [("╰" + "─" * max(0, width - 2) + "╯", edge)]
