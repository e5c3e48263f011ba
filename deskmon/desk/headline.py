"""What there is to know now, in the middle of the header: a lost hub, an answer to a key, why nothing is heard; else
what fires and the wave that runs, beside each other; else what was just reported, or what this market is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deskmon.components.panel import Line, Span
from deskmon.components.text import ELLIPSIS, JOINT, cell_width, crop, crop_line, line_width
from deskmon.desk.status import Status

if TYPE_CHECKING:
    from deskmon.components.alerts import AlertWords
    from deskmon.model.figures import WaveFigure

Piece = tuple[int, list[Span]]
"""(priority: 0 never leaves, higher leaves first; spans)"""

WORDS_CELLS = 80
"""Room that words take from what isn't urgent: of a lost hub, an answer to a key, why nothing is heard, an alert. A
wave takes what its state, its dollars and its length need."""
LEAST_WORDS = 8
"""Cells below which words that are cut say nothing."""
STATE, WORDS, DOLLARS, MORE, SINCE, LENGTH, REASON, DETAILS = range(8)
"""What stays longest of what fires and of a wave: that both are; the alert's words, which are cut before the next
leave; the wave's dollars; the rule's name and how many more fire; since when it does; how long the wave has lasted; why
alerts reach nobody; what else is known of the wave."""


def headline(status: Status, width: int) -> Line:
    """What there is to know in at most `width` cells."""
    words, style = _words(status)
    if words:
        return [(shortened(words, width), f"header {style}")]
    pieces = _pieces(status)
    if pieces:
        return [(text, f"header {style.replace('flash', '')}".strip()) for text, style in _fitting(pieces, width)]
    if status.news:
        return [(shortened(status.news, width), "header")]
    if status.mode in ("demo", "replay"):
        return [(shortened(status.note, width), "header_muted")]
    return []


def urgent_cells(status: Status) -> int:
    """Cells that the headline takes from pieces of the header that aren't urgent, of these the last one first."""
    words, _ = _words(status)
    if words:
        return min(WORDS_CELLS, cell_width(words.partition(JOINT)[0]))
    wave = [] if status.wave is None else _wave(status.wave, status.now)
    of_wave = sum(line_width(spans) for priority, spans in wave if priority <= LENGTH)
    all_told = sum(line_width(spans) for priority, spans in _pieces(status) if priority <= LENGTH)
    return of_wave + min(WORDS_CELLS, all_told - of_wave)


def _words(status: Status) -> Span:
    """What is told alone, and its style: a lost hub, an answer to a key, why nothing is heard; of alerts that reach
    nobody too, where none fires and no wave runs."""
    if status.link == "lost":
        return status.link_detail, "error"
    if status.say is not None:
        return status.say
    if status.silence:
        return status.silence, "error"
    if status.alert is None and status.wave is None:
        return status.undelivered, "error"
    return "", ""


def _pieces(status: Status) -> list[Piece]:
    """What fires and the wave that runs, each piece with what parts it from the one before."""
    pieces: list[Piece] = []
    if status.undelivered:
        what, _, why = status.undelivered.partition(JOINT)
        pieces += [(STATE, [(what, "error")]), *([(REASON, [(JOINT + why, "error")])] if why else [])]
    if status.alert is not None:
        pieces += _joined(_alert(status.alert, status.wave is not None), pieces)
    if status.wave is not None:
        pieces += _joined(_wave(status.wave, status.now), pieces)
    return pieces


def _joined(pieces: list[Piece], before: Sequence[Piece]) -> list[Piece]:
    if not before:
        return pieces
    (priority, spans), *rest = pieces
    return [(priority, [(JOINT, "faint"), *spans]), *rest]


def _alert(alert: AlertWords, wave_runs: bool) -> list[Piece]:
    """The gravest rule that fires. Of a wave that runs the wave's own line says more."""
    pieces: list[Piece] = [(STATE, [(alert.call, alert.style)])]
    if alert.rule:
        pieces.append((MORE, [(f" {alert.rule}", alert.style)]))
    if alert.more:
        pieces.append((MORE, [(f"{JOINT}+{alert.more} more", alert.style)]))
    if alert.text and not (wave_runs and alert.is_of_wave):
        pieces.append((WORDS, [(JOINT + alert.text, alert.style)]))
    pieces.append((SINCE, [(JOINT + alert.since, alert.style)]))
    return pieces


def _wave(wave: WaveFigure, now: int) -> list[Piece]:
    from deskmon.components.waves import wave_headline  # a header before the market has none

    state, *parts = ([*part] for part in wave_headline(wave, now))
    pieces: list[Piece] = [(STATE, state)]
    if wave.provisional:
        pieces.append((LENGTH, [(JOINT, "faint"), *parts.pop(0)]))
    (dollars, *length), *rest = parts
    pieces += [(DOLLARS, [(JOINT, "faint"), dollars]), (LENGTH, length)]
    return pieces + [(DETAILS + place, [(JOINT, "faint"), *part]) for place, part in enumerate(rest)]


def _fitting(pieces: Sequence[Piece], width: int) -> Line:
    """As many pieces as fit: the last to matter leave first, then words are cut, then the wave's dollars leave."""
    kept = list(pieces)
    while _over(kept, width) > 0 and max(priority for priority, _ in kept) > DOLLARS:
        place, _ = max(enumerate(kept), key=lambda each: (each[1][0], each[0]))
        del kept[place]
    without = [[each for each in kept if each[0] not in left] for left in ((), (DOLLARS,), (WORDS,), (WORDS, DOLLARS))]
    shown = next((fits for each in without if (fits := _cut(each, width)) is not None), without[-1])
    line = [span for _, spans in shown for span in spans]
    if line_width(line) <= width:
        return line
    stump = crop_line(line, width - 1)
    return [*stump, (ELLIPSIS, stump[-1][1])] if stump and width >= LEAST_WORDS else []


def _cut(pieces: Sequence[Piece], width: int) -> list[Piece] | None:
    """The pieces, their words cut so that all fit; None where these would say nothing."""
    over = _over(pieces, width)
    if over <= 0:
        return list(pieces)
    for place, (priority, spans) in enumerate(pieces):
        (text, style), room = spans[0], line_width(spans) - cell_width(JOINT) - over
        if priority == WORDS and room >= LEAST_WORDS:
            words = JOINT + _whole_words(text.removeprefix(JOINT), room)
            return [*pieces[:place], (priority, [(words, style)]), *pieces[place + 1 :]]
    return None


def _over(pieces: Sequence[Piece], width: int) -> int:
    """Cells that the pieces take beyond `width`."""
    return sum(line_width(spans) for _, spans in pieces) - width


def _whole_words(text: str, width: int) -> str:
    """As many words of `text` as fit into `width` cells with … behind them, so that no figure is cut."""
    kept = crop(text, width - 1)
    return (kept.rpartition(" ")[0] if " " in kept and text[len(kept)] != " " else kept).rstrip() + ELLIPSIS


def shortened(text: str, width: int) -> str:
    """`text` in `width` cells: the last of its parts leave first, then it is cut with …; nothing where only a stump
    would be left."""
    while cell_width(text) > width and JOINT in text:
        text = text.rpartition(JOINT)[0]
    if cell_width(text) <= width:
        return text
    return crop(text, width - 1).rstrip() + ELLIPSIS if width >= LEAST_WORDS else ""
