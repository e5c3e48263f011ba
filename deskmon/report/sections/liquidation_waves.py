"""The waves of liquidations of a stretch, and the stresses that they make together."""

from __future__ import annotations

from collections.abc import Sequence

from deskmon import format as fmt
from deskmon.components.waves import WAVE_WORDS, leaders, wave_length
from deskmon.model.figures import StressFigure, WaveFigure
from deskmon.report.content import Block, Cell, Paragraph, Table
from deskmon.report.phrases import path_of, share, signed_percent
from deskmon.report.reading import Reading, says, together
from deskmon.report.sections.market_phrases import also, bounded, listed_blocks, made, standing, when

HEAD = ("wave", "start", "lasted", "total", "long %", "peak a minute", "price", "open interest", "lead")
MOST = 20
"""Waves that have a row, the newest."""


def write(reading: Reading) -> list[Block]:
    """The waves that were within the stretch, in words and one a row; the stresses of its last seven days."""
    waves = reading.model.waves.figures(reading.end)
    within = [wave for wave in waves if wave.start <= reading.end and (wave.end is None or wave.end >= reading.start)]
    if not within:
        reading.lacks("waves.current", "no wave was within the stretch")
    blocks = [_counted(reading, waves, within), _table(reading, waves, within), _stresses(reading, waves)]
    return listed_blocks(*blocks)


def _path(waves: Sequence[WaveFigure], wave: WaveFigure, field: str) -> str:
    """By its place from the newest on: waves[-1].usd."""
    return f"waves[{waves.index(wave) - len(waves)}].{field}"


def _counted(reading: Reading, waves: Sequence[WaveFigure], within: Sequence[WaveFigure]) -> Paragraph | None:
    if not within:
        return says("No wave of liquidations was within the stretch.")
    most = max(within, key=lambda wave: wave.usd)
    path = _path(waves, most, "usd")
    whole = bounded(sum(wave.usd for wave in within), any(wave.lower_bound for wave in within))
    since = standing(reading, _path(waves, most, "since"), most.since, WAVE_WORDS, "wave", most.start)
    price = reading.figure(_path(waves, most, "price_move_pct"), signed_percent)
    interest = reading.figure(_path(waves, most, "open_interest_change_pct"), signed_percent)
    count = reading.derived("waves", str(len(within)))
    many = "waves" if len(within) > 1 else "wave"
    return together(
        says("Liquidations came in ", count, f" {many} in that time, ", reading.derived(path, whole), " in all."),
        says(f"The largest is wave {most.id} with ", reading.derived(path, bounded(most.usd, most.lower_bound)),
             f" in {fmt.duration_words(wave_length(most, reading.end))} from {when(most.start)} on, ",
             reading.derived(_path(waves, most, "long_share"), fmt.fraction(most.long_share)), " of it long",
             *also(f": {most.lead} moved by ", price), *also(f", the open interest of {most.lead} by ", interest),
             *also("; the ", since), "."),
    )  # fmt: skip


def _table(reading: Reading, waves: Sequence[WaveFigure], within: Sequence[WaveFigure]) -> Table | None:
    shown = within[-MOST:]
    rows = [_row(reading, waves, wave) for wave in shown]
    of = "" if len(shown) == len(within) else f", the newest {MOST} of {len(within)}"
    return Table(f"Waves of liquidations{of}", HEAD, rows) if rows else None


def _row(reading: Reading, waves: Sequence[WaveFigure], wave: WaveFigure) -> list[Cell]:
    def told(field: str, words: str) -> Cell:
        return made(reading, _path(waves, wave, field), words)

    venue = next((name for name, _ in leaders(wave.by_venue)), "")
    return [
        told("id", f"{wave.id} {wave.state}" if wave.end is None else str(wave.id)),
        told("start", when(wave.start)),
        told("end", fmt.duration_words(wave_length(wave, reading.end))),
        told("usd", fmt.amount(wave.usd, lower_bound=wave.lower_bound)),
        told("long_share", fmt.fraction(wave.long_share, 1)),
        told("peak_usd_per_min", fmt.amount(wave.peak_usd_per_min, lower_bound=wave.lower_bound)),
        told("price_move_pct", fmt.percent(wave.price_move_pct, 1)),
        told("open_interest_change_pct", fmt.percent(wave.open_interest_change_pct, 1)),
        told("lead", f"{venue} {wave.lead}".strip()),
    ]


def _stresses(reading: Reading, waves: Sequence[WaveFigure]) -> Paragraph | None:
    stresses = reading.model.waves.stresses(reading.end)
    if not stresses:
        return says("The waves of the last seven days make no stress: no run of them took a fifth.") if waves else None
    count = reading.derived("liquidations.stresses", str(len(stresses)))
    many = "stresses" if len(stresses) > 1 else "stress"
    bounds = {wave.id: wave.lower_bound for wave in waves}
    return together(
        says("The waves of the last seven days make ", count, f" {many}: runs of them that took a fifth or more."),
        *(
            _stress(reading, place - len(stresses), stress, any(bounds[id] for id in stress.waves))
            for place, stress in enumerate(stresses)
        ),
    )


def _stress(reading: Reading, place: int, stress: StressFigure, is_bound: bool) -> Paragraph | None:
    path = f"{path_of('liquidations', 'stresses')}[{place}]"
    time = f"began on {when(stress.start)} and still runs" if stress.end is None else (
        f"ran from {when(stress.start)} until {when(stress.end)}"
    )  # fmt: skip
    waves = "1 wave" if len(stress.waves) == 1 else f"{len(stress.waves)} waves"
    return says(
        f"A stress {time}: ", reading.derived(f"{path}.usd", bounded(stress.usd, is_bound)), f" in {waves}, ",
        reading.derived(f"{path}.long_share", share(stress.long_share)), " of it long, ",
        reading.derived(f"{path}.share", share(stress.share)), " of what the waves took.",
    )  # fmt: skip
