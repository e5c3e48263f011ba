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
wave takes what its state and its dollars need."""
LEAST_WORDS = 12
"""Cells below which words that are cut say nothing."""
STATE, DOLLARS, LENGTH, MORE, WORDS, REASON, DETAILS = range(7)
"""What stays longest of what fires and of a wave: that both are; the wave's dollars; how long it has lasted; the rule's
name and how many more fire; its words; why alerts reach nobody; what else is known of the wave, and since when the
alert fires."""


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
    all_told = sum(line_width(spans) for priority, spans in _pieces(status) if priority <= WORDS)
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
    """The gravest rule that fires, with the time of what it says. Of a wave that runs the wave's own line says more."""
    pieces: list[Piece] = [(STATE, [(alert.call, alert.style)])]
    if alert.rule:
        pieces.append((MORE, [(f" {alert.rule}", alert.style)]))
    if alert.more:
        pieces.append((MORE, [(f"{JOINT}+{alert.more} more", alert.style)]))
    if not (wave_runs and alert.is_of_wave):
        told = [JOINT, alert.text, JOINT + alert.at] if alert.text else [JOINT + alert.at]
        pieces.append((WORDS, [(text, alert.style) for text in told]))
    if alert.since:
        pieces.append((DETAILS + 1, [(JOINT + alert.since, alert.style)]))
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
    """As many pieces as fit: the last to matter leave first, words are shortened before they leave."""
    kept = list(pieces)
    while (over := sum(line_width(spans) for _, spans in kept) - width) > 0:
        place, (priority, spans) = max(enumerate(kept), key=lambda each: (each[1][0], each[0]))
        if priority == STATE:
            break
        del kept[place]
        if priority == WORDS and len(spans) == 3:
            joint, (text, style), at = spans
            room = cell_width(text) - over
            if room >= LEAST_WORDS:
                kept.insert(place, (priority, [joint, (_whole_words(text, room), style), at]))
    return crop_line([span for _, spans in kept for span in spans], width)


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
