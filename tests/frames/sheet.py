"""The first lines of a CSV as a spreadsheet shows them: a picture."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from html import escape
from itertools import islice
from pathlib import Path
from string import ascii_uppercase

CHAR, ROW, PAD = 7.3, 22, 14


def sheet(path: Path, rows: int) -> str:
    """The first `rows` lines of a CSV under letters, beside numbers, as SVG."""
    with path.open(newline="") as file:
        lines = list(islice(csv.reader(file), rows))
    numbered = [["", *ascii_uppercase[: len(lines[0])]], *([f"{n}", *line] for n, line in enumerate(lines, 1))]
    widths = [max(map(len, column)) * CHAR + PAD for column in zip(*numbered, strict=True)]
    width, height = sum(widths), ROW * len(numbered)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" '
        'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="12">',
        f'<rect width="{width:.0f}" height="{height}" fill="#ffffff"/>',
        f'<path d="M0,0h{width:.0f}v{ROW}h{widths[0] - width:.1f}V{height}H0Z" fill="#ececec"/>',
        *(f'<path d="M0,{ROW * n}H{width:.0f}" stroke="#d0d0d0"/>' for n in range(1, len(numbered))),
        *(f'<path d="M{sum(widths[:n]):.1f},0V{height}" stroke="#d0d0d0"/>' for n in range(1, len(widths))),
        *(_row(line, n, widths) for n, line in enumerate(numbered)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _row(line: Sequence[str], number: int, widths: Sequence[float]) -> str:
    """Numbers stand right, words left, letters and numbers of the sheet in the middle."""
    cells, y = [], ROW * number + 15
    for n, text in enumerate(line):
        x = sum(widths[:n])
        is_number = text.replace(".", "", 1).isdigit()
        anchor, at = ("end", x + widths[n] - PAD / 2) if is_number else ("start", x + PAD / 2)
        if not (number and n):
            anchor, at = "middle", x + widths[n] / 2
        colour = "#222222" if number and n else "#777777"
        cells.append(f'<text x="{at:.1f}" y="{y}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>')
    return "".join(cells)
